/** The ports of one worker over one device: each call numbered, delayed, failed or lost as the plan says. */
import { digestBytes } from '../base/digest.ts'
import type { HttpOutcome } from '../../sw/ports/http-effect.ts'
import { createRescue } from '../../sw/runtime/capsule.ts'
import type { RuntimePorts } from '../../sw/runtime/runtime.ts'
import { createServerLedger } from '../../sw/runtime/server-ledger.ts'
import { createSession } from '../../sw/runtime/session.ts'
import { base64UrlToBytes, bytesToBase64Url } from '../base/bytes.ts'
import { err, ok } from '../base/result.ts'
import * as LIMITS from '../protocol/limits.ts'
import { auditOf, commitTo, loadFrom } from './disk.ts'
import { answerOf } from './effect-faults.ts'
import { createExchange } from './exchange.ts'
import { createFakeKeyring } from './fake-keyring.ts'
import { closePages } from './page.ts'
import { receiptsPort } from './receipts-port.ts'
import { storePort } from './store-port.ts'
import type { Worker } from './worker.ts'
import type { Site } from './site.ts'

const LEDGER_LANE = 'ledger'
const CAPSULE = { store: 'capsule', record: 'capsule', owner: 'device', shape: 1 }

export function createPorts(site: Site, worker: Worker): RuntimePorts {
  const { world, laws } = site
  const { device, generation } = worker
  const { disk } = device
  const exchange = createExchange(world, device, generation)
  const call = generation.call
  const lane = (name: string): { lane: string } => ({ lane: `${device.index}/${name}` })

  const isKeyed = (url: string): boolean => site.effects.get(url)?.keyed ?? true

  return {
    server: world.plan.hasServer
      ? {
          createLedger: createServerLedger,
          createSession,
          receipts: (onKillVersion) => receiptsPort(site, worker, exchange, onKillVersion),
          auth: {
            password: (email, password) =>
              exchange(
                'auth',
                'password',
                { timeoutMs: LIMITS.syncTimeoutMs },
                (fault) => {
                  if (fault) world.count(`auth ${fault.kind}`)
                  return fault ? err('unreachable' as const) : site.accounts.signIn(email, password)
                },
                () => err('unreachable' as const),
              ),
            refresh: (token) =>
              exchange(
                'auth',
                'refresh',
                { timeoutMs: LIMITS.syncTimeoutMs },
                (fault) => {
                  if (fault) world.count(`auth ${fault.kind}`)
                  if (fault?.kind === 'refused') return err('refused' as const)
                  return fault ? err('unreachable' as const) : site.accounts.refresh(token)
                },
                () => err('unreachable' as const),
              ),
          },
        }
      : null,
    clock: {
      now: () => device.now(),
      elapsed: () => world.scheduler.now(),
      sleep: (ms, signal) => {
        if (!generation.isAlive()) return new Promise<never>(() => undefined)
        return new Promise((resolve) => {
          if (signal.aborted) return resolve()
          // A sleep touches nothing, so a death during it is a death at the call after it.
          const cancel = world.scheduler.add(ms, () => generation.isAlive() && resolve(), { background: ms < 100 })
          signal.addEventListener(
            'abort',
            () => {
              cancel()
              if (generation.isAlive()) resolve()
            },
            { once: true },
          )
        })
      },
    },
    random: { hex: (count) => worker.rng.hex(count), unit: () => worker.rng.unit() },
    network: { online: () => device.isUp },
    lock: { hold: (name, work) => worker.hold(name, work) },
    wake: {
      request: () =>
        call('wake', 'mark', {}, () => {
          site.mark(device)
        }),
    },
    pages: {
      broadcast: (message) =>
        call('pages', message.type, { background: true }, () => {
          for (const page of device.pages) page.hear(message)
        }),
      isAnyOpen: () =>
        call('pages', 'look', {}, () => {
          const isOpen = device.pages.length > 0
          const fault = isOpen ? world.fault('pages') : null
          if (fault) {
            world.count(`pages ${fault.kind}`)
            closePages(device.pages)
          }
          return isOpen
        }),
      sendToOne: (message) =>
        call('pages', message.type, {}, () => {
          laws.onPageEffect(worker, message)
          const page = device.pages[0]
          page?.hear(message)
          return page !== undefined
        }),
    },
    log: { line: (line) => laws.onLog(line) },
    flags: {
      fetchStatic: () =>
        exchange(
          'flag',
          'static',
          { timeoutMs: LIMITS.flagTimeoutMs },
          (fault) => {
            if (fault) world.count(`flag ${fault.kind}`)
            return fault ? undefined : { enabled: !world.flag.isEnvOff }
          },
          () => undefined,
        ),
      fetchDocument: () => site.fetchDocument(worker, exchange),
    },
    gateStore: {
      load: () =>
        call('gate-store', 'load', {}, () => {
          laws.onGateSaved(worker, disk.gate)
          return structuredClone(disk.gate)
        }),
      save: (value) =>
        call('gate-store', 'save', {}, () => {
          disk.gate = structuredClone(value)
          laws.onGateSaved(worker, value)
        }),
    },
    secrets: {
      get: (name) => call('secrets', `get ${name}`, lane('secrets'), () => disk.secrets.get(name)),
      set: (name, value) =>
        call('secrets', `set ${name}`, lane('secrets'), () => {
          const fault = world.fault('secrets')
          if (fault) {
            world.count(`secrets ${fault.kind}`)
            throw Object.assign(new Error(world.texts.hex(4)), { name: 'QuotaExceededError' })
          }
          laws.onSecret(value)
          disk.secrets.set(name, value.slice())
        }),
      remove: (name) => call('secrets', `remove ${name}`, lane('secrets'), () => void disk.secrets.delete(name)),
    },
    keyring: {
      start: () =>
        call('keyring', 'start', {}, () => {
          const fault = world.fault('keyring')
          if (!fault) return ok({ made: false, durable: true })
          world.count(`keyring ${fault.kind}`)
          return err('DB_UNOPENABLE' as const)
        }),
      seal: (context, plain) => call('keyring', `seal ${context.store}`, {}, () => disk.keyring.seal(context, plain, worker.rng.hex(8))),
      // Opening changes nothing and nobody can see it: answered at once, so that reading a ledger is one step and not a thousand.
      open: (context, sealed) => {
        const plain = disk.keyring.open(context, sealed)
        return Promise.resolve(plain ? ok(plain) : err('UNREADABLE' as const))
      },
      digest: async (bytes) => digestBytes(bytes),
      tag: (text) => call('keyring', 'tag', {}, () => disk.keyring.tag(text)),
    },
    // The fingerprint as it is: a simulated server is no stranger, and its laws name what it was told.
    kits: [() => ({ digest: async (record) => record.paramsDigest })],
    rescue: {
      createRescue,
      cipher: {
        seal: (plain) =>
          call('cipher', 'seal', {}, () => {
            const code = worker.rng.hex(8)
            return { capsule: bytesToBase64Url(createFakeKeyring(code).seal(CAPSULE, plain, worker.rng.hex(8))), code }
          }),
        open: (capsule, code) =>
          call('cipher', 'open', {}, () => createFakeKeyring(code).open(CAPSULE, base64UrlToBytes(capsule) ?? new Uint8Array())),
      },
    },
    store: storePort(site, worker, LEDGER_LANE, { commitTo, loadFrom, auditOf }),
    http: {
      send(request) {
        laws.onSend(worker, request.url, [request], request.token)
        const serve = (fault: Parameters<Parameters<typeof exchange>[3]>[0]): HttpOutcome =>
          answerOf(site, worker, { ...request, isKeyed: isKeyed(request.url) }, fault)
        return exchange<HttpOutcome>('far', `${request.url} ${request.key}`, { timeoutMs: LIMITS.effectTimeoutMs }, serve, () => ({
          kind: 'lost',
        })).then((outcome) => {
          laws.onAnswered(worker)
          laws.onAnswer(worker, request.key, request.token, outcome)
          return outcome
        })
      },
      async sendBatch(batch) {
        laws.onSend(worker, batch.url, batch.items, batch.token)
        return site.sendBatch(worker, exchange, batch)
      },
    },
  }
}
