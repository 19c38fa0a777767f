/** Lets people, browsers and operators do what a plan says. */
import { canonical } from '../base/canonical.ts'
import { base64UrlToBytes } from '../base/bytes.ts'
import { GENESIS } from '../audit/entry.ts'
import type { JsonObject } from '../base/json.ts'
import type { WorkerMessage } from '../protocol/messages.ts'
import type { Capsule, ReceiptView, Snapshot } from '../protocol/views.ts'
import { passwordOf } from './accounts.ts'
import { showsPlain } from './book.ts'
import type { Device } from './device.ts'
import { createFakeKeyring } from './fake-keyring.ts'
import type { Host, Reply } from './host.ts'
import { closePages, createPage } from './page.ts'
import type { Act, PlannedIntent } from './plan.ts'
import type { Site } from './site.ts'
import { EPOCH } from './world.ts'

export type People = {
  perform(act: Act): void
  openPage(device: Device): void
  signIn(device: Device, user: string): Promise<boolean>
  /** `isOther`: a page that shows one thing and approves another. */
  decide(device: Device, key: string, verdict: 'approve' | 'deny', isOther?: boolean): Promise<void>
  resolve(device: Device, key: string, how: 'cancel' | 'retry' | 'discard'): Promise<Reply | null>
}

const GATE_POLL_MS = 15_000

export function createPeople(site: Site, host: Host): People {
  const { world } = site
  const { scheduler, rng } = world
  const decided = site.laws.book.decided

  const slotOf = (device: Device, slot: number): number => (world.plan.devices[device.index]?.workers === 2 ? slot : 0)

  async function runPageEffect(device: Device, message: Extract<WorkerMessage, { type: 'maestro:page-effect' }>): Promise<void> {
    const fault = world.fault('page')
    if (fault) world.count(`page ${fault.kind}`)
    if (fault?.kind === 'closed-before') return closePages(device.pages)
    const name = `${message.name}|${canonical(message.params as JsonObject)}`
    site.pageRuns.set(name, (site.pageRuns.get(name) ?? 0) + 1)
    world.trace.add(`page runs ${message.name}`)
    if (fault?.kind === 'closed-after') return closePages(device.pages)
    const outcome = fault?.kind === 'failed' ? { ok: false as const, message: world.texts.hex(4) } : { ok: true as const, value: { shown: true } }
    if (fault?.kind === 'failed') decided.add(`page-failed|${message.id}`)
    await host.command(device, 0, 'pageEffect', { id: message.id, attempt: message.attempt, outcome })
  }

  const openPage = (device: Device): void => {
    const page = createPage({
      now: () => device.now(),
      isUp: () => device.isUp,
      later: (ms, run) => scheduler.add(ms, run, { background: true }),
      wake: () => void host.command(device, slotOf(device, rng.int(2)), 'wake', {}),
      run: (message) => void scheduler.add(rng.int(1_500), () => device.pages.includes(page) && void runPageEffect(device, message)),
    })
    device.pages.push(page)
    void host.command(device, slotOf(device, rng.int(2)), 'snapshot', {}).then((reply) => {
      void host.command(device, slotOf(device, rng.int(2)), 'wake', { network: true })
      if (reply?.ok === true) page.hear({ type: 'maestro:delta', delta: reply.value as Snapshot })
    })
  }

  const view = async (device: Device, key: string): Promise<ReceiptView | null> => {
    const reply = await host.command(device, 0, 'lookup', { key })
    return reply?.ok === true ? (reply.value as ReceiptView | null) : null
  }

  async function execute(device: Device, slot: number, { action, params, key, isAgent }: PlannedIntent): Promise<void> {
    const agent = isAgent === true ? await host.command(device, slot, 'agent', { name: 'assistant' }) : null
    if (isAgent === true && agent?.ok !== true) return
    const capability = agent?.ok === true ? { capability: agent.value } : {}
    await host.command(device, slot, 'execute', { action, params, key, ...capability })
  }

  const decide: People['decide'] = async (device, key, verdict, isOther = false) => {
    const shown = await view(device, key)
    if (shown?.status === 'awaiting-approval')
      await host.command(device, 0, 'decide', { id: shown.id, digest: isOther ? '0'.repeat(64) : shown.digest, verdict })
  }

  const resolve: People['resolve'] = (device, key, how) => {
    decided.add(`${how}|${key}`)
    return host.command(device, 0, how, { key })
  }

  /** A person sends a dead letter anew, changed and under a key of its own. */
  function edit(device: Device, { action, params, key }: PlannedIntent): void {
    decided.add(`discard|${key}`)
    void host.command(device, 0, 'execute', { action, params: { ...params, edited: true }, key: `${key}*`, replaces: key })
  }

  async function rescue(device: Device, to: Device | undefined): Promise<void> {
    const packed = await host.command(device, 0, 'export', {})
    if (packed?.ok !== true || !to) return
    const { capsule, code } = packed.value as Capsule
    if (showsPlain(base64UrlToBytes(capsule) ?? new Uint8Array())) world.broke(10, 'a capsule that can be read without its code')
    world.count('rescue capsule')
    await host.command(to, 0, 'import', { capsule, code })
  }

  function evict(device: Device): void {
    host.stop(device, 'evicted')
    device.disk.rows = new Map()
    device.disk.entries = []
    device.disk.head = GENESIS
    device.disk.secrets = new Map()
    device.disk.gate = undefined
    device.disk.hasLedger = false
    device.disk.keyring = createFakeKeyring(`${world.plan.seed}/evicted/${scheduler.now()}`)
    device.untouchable.clear()
    device.wasEvicted = true
    const { known, floors } = site.laws.book
    for (const [id, { device: on }] of known) if (on === device) known.delete(id)
    // What it was told to wait for went with its disk.
    for (const place of floors.keys()) if (place.startsWith(`${device.index}|`)) floors.delete(place)
  }

  function damage(device: Device, key: string, how: 'cut' | 'junk' | 'newer' | 'swap'): void {
    const found = [...site.laws.book.known.values()].find((known) => known.device === device && known.record.key === key)
    if (!found) return
    host.stop(device, 'before a row is damaged')
    const { row } = found
    const other = [...device.disk.rows.values()].find(({ id }) => id !== row.id && !device.untouchable.has(id))
    const id = how === 'newer' ? `${row.id.slice(0, 60)}ffff` : row.id
    const bad =
      how === 'cut'
        ? { ...row, sealed: row.sealed.slice(0, row.sealed.length >> 1) }
        : how === 'junk'
          ? { id, junk: 1, open: 1 }
          : how === 'newer'
            ? { ...row, id, shape: 99, open: 1, rev: 7 }
            : { ...row, sealed: other?.sealed ?? row.sealed.slice(3) }
    device.disk.rows.set(id, bad as never)
    device.untouchable.set(id, bad)
    if (how !== 'newer') {
      site.laws.book.known.delete(`${device.index}|${row.id}`)
      site.laws.book.damaged.push(found)
    }
    world.count(`row ${how}`)
  }

  function perform(act: Act): void {
    const device = site.devices[act.device]
    if (!device) return
    world.trace.add(`act ${act.kind}`)
    const slot = 'slot' in act ? slotOf(device, act.slot) : 0
    const intent = 'intent' in act ? world.plan.intents[act.intent] : undefined
    switch (act.kind) {
      case 'execute':
        if (!intent) return
        void execute(device, slot, intent)
        if (act.twice === true) void execute(device, slotOf(device, 1), intent)
        return
      case 'approve':
      case 'deny':
        return void (intent && decide(device, intent.key, act.kind))
      case 'edit':
        return void (intent && edit(device, intent))
      case 'approve-other':
        return void (intent && decide(device, intent.key, 'approve', true))
      case 'retry': {
        const effect = intent ? site.builds[0]?.[intent.action]?.effect : undefined
        // Whether an effect without a key happened is for a person to find out first; that is part of healing.
        return void (intent && effect?.kind === 'http' && effect.keyed && resolve(device, intent.key, 'retry'))
      }
      case 'cancel':
      case 'discard':
        return void (intent && resolve(device, intent.key, act.kind))
      case 'lookup':
        return void (intent && view(device, intent.key))
      case 'online':
      case 'offline':
        device.isUp = act.kind === 'online'
        world.count(`network ${act.kind}`)
        if (device.isUp) for (const worker of device.workers) if (worker) host.wakeUp(device, worker.slot)
        if (device.pages.length > 0) void host.command(device, slot, 'wake', device.isUp ? { network: true } : {})
        return
      case 'sign-in':
        return void signIn(device, act.user)
      case 'rescue':
        return void rescue(device, site.devices[act.to])
      case 'sign-out':
        return void host.command(device, 0, 'signOut', {})
      case 'revoke':
        world.count('tokens revoked')
        return site.accounts.revokeAll()
      case 'open-page':
        return openPage(device)
      case 'close-pages':
        world.count('pages closed')
        return closePages(device.pages)
      case 'stop-worker':
        world.count('worker stopped')
        return host.stop(device, 'stopped')
      case 'wake':
        return host.wakeUp(device, slot)
      case 'evict':
        world.count('eviction')
        return evict(device)
      case 'update':
      case 'downgrade':
        world.count(act.kind)
        device.build = act.kind === 'update' ? site.builds.length - 1 : 0
        return host.stop(device, act.kind)
      case 'gate':
        world.flag.version += 1
        world.flag.action = act.action
        world.count(`gate ${act.action}`)
        for (const other of site.devices)
          if (other.pages.length > 0) scheduler.add(rng.int(GATE_POLL_MS), () => void host.command(other, 0, 'refreshGate', {}))
        return
      case 'gate-env-off':
        world.flag.isEnvOff = true
        return world.count('gate env off')
      case 'clock':
        device.skewMs = act.toMs - EPOCH - scheduler.now()
        world.count('clock jump')
        for (const page of device.pages) page.look()
        return
      case 'damage':
        return intent && damage(device, intent.key, act.how)
    }
  }

  async function signIn(device: Device, user: string): Promise<boolean> {
    const reply = await host.command(device, 0, 'signIn', { email: user, password: passwordOf(user) })
    return reply?.ok === true
  }

  return { perform, openPage, signIn, decide, resolve }
}
