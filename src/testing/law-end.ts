/** The account at the end: nothing lost, nothing twice, nothing that waits for ever, and a chain that proves what is on disk. */
import { canonical } from '../base/canonical.ts'
import { digestBytes } from '../base/digest.ts'
import { utf8ToBytes } from '../base/bytes.ts'
import { verifyChain } from '../audit/verify.ts'
import * as LIMITS from '../protocol/limits.ts'
import type { Known } from './book.ts'
import type { Device } from './device.ts'
import { openRows } from './heal.ts'
import type { Site } from './site.ts'

const name = ({ device, record }: Known): string => `device ${device.index} ${record.call.action} "${record.key}"`

function checkChain({ world, laws }: Site, device: Device): void {
  const { entries, head, rows } = device.disk
  if (!verifyChain(entries, head).intact) world.broke(3, `device ${device.index}: the audit chain does not verify`)
  let prev = '0'.repeat(64)
  for (const { seq, at, kind, receipt, digest, hash } of entries) {
    const bytes = utf8ToBytes(
      `{"at":${JSON.stringify(at)},"digest":"${digest}","kind":"${kind}","prev":"${prev}","receipt":"${receipt}","seq":${seq},"v":1}`,
    )
    if (digestBytes(bytes) !== hash) {
      world.broke(3, `device ${device.index}: entry ${seq} is not chained to the one before it`)
      break
    }
    prev = hash
  }
  const last = new Map(entries.map((entry) => [entry.receipt, entry.digest]))
  for (const known of laws.book.known.values()) {
    if (known.device !== device || device.untouchable.has(known.id)) continue
    const row = rows.get(known.id)
    if (!row) world.broke('lost', `${name(known)}: its row is gone`)
    else if (last.get(known.id) !== digestBytes(row.sealed)) world.broke(3, `${name(known)}: the chain does not name its bytes`)
  }
  for (const [id, bad] of device.untouchable)
    if (rows.get(id) !== bad) world.broke(8, `device ${device.index}: a damaged or newer row is not what it was`)
}

/** Why a receipt may have ended without its effect; `null` when nothing that happened explains it. */
function reason(site: Site, { record, device, row, admittedAt, endedAt }: Known): string | null {
  const { book } = site.laws
  const { decided } = book
  const place = `${row.owner}|${record.key}`
  const elsewhere = [...book.known.values()].filter(
    (other) => other.device !== device && other.row.owner === row.owner && other.record.key === record.key,
  )
  switch (record.failure?.code) {
    case 'CANCELLED':
    case 'SUPERSEDED':
      return decided.has(`cancel|${record.key}`) || decided.has(`discard|${record.key}`) ? 'a person' : null
    case 'DENIED':
      return decided.has(`deny|${record.id}`) ? 'a person' : null
    case 'EXPIRED':
      return record.updatedAt >= record.call.expires || endedAt - admittedAt >= LIMITS.approvalTtlMs ? 'its time' : null
    case 'POLICY_BLOCKED':
      return record.lane === 'BLOCKED' ? 'policy' : null
    case 'KEY_REUSED':
      return book.definitive.has(place) ||
        elsewhere.some((other) => other.record.paramsDigest !== record.paramsDigest) ||
        // The other device's row may be gone, or damaged past reading.
        site.devices.some(({ wasEvicted, untouchable }) => wasEvicted || untouchable.size > 0)
        ? 'the key'
        : null
    case 'EFFECT_REJECTED':
      return book.definitive.has(place) || decided.has(`page-failed|${record.id}`) ? 'the far end' : null
    case 'EFFECT_EXHAUSTED':
      return (book.failures.get(`${device.index}|${place}`) ?? 0) >= LIMITS.attemptsMax ? 'the far end' : null
    case 'CLAIMED_ELSEWHERE':
      return elsewhere.length > 0 || site.devices.some(({ wasEvicted, untouchable }) => wasEvicted || untouchable.size > 0) ? 'another device' : null
    default:
      return null
  }
}

const isOfPage = ({ builds }: Site, action: string): boolean => builds.some((actions) => actions[action]?.effect.kind === 'page')

export function checkEnd(site: Site): void {
  const { world, laws } = site
  for (const device of site.devices) {
    checkChain(site, device)
    for (const known of openRows(site, device)) {
      const { state, waiting, dueAt, failure } = known.record
      world.broke(
        'stuck',
        `${name(known)} stays ${state}, waiting for ${waiting ?? 'nothing'} (due ${dueAt}${failure ? `, ${failure.code}` : ''})${known.record.synced ? '' : ' unsynced'}`,
      )
    }
  }
  const groups = new Map<string, Known[]>()
  for (const known of [...laws.book.known.values(), ...laws.book.damaged]) {
    const { call } = known.record
    // A page does not know for whom it runs an effect.
    const owner = isOfPage(site, call.action) ? '' : known.row.owner
    const id = `${owner}|${call.action}|${canonical(call.params)}`
    groups.set(id, [...(groups.get(id) ?? []), known])
  }
  for (const known of laws.book.known.values()) {
    if (['cancelled', 'denied', 'expired', 'refused', 'dead'].includes(known.record.state) && reason(site, known) === null)
      world.broke('lost', `${name(known)} ended ${known.record.state} (${known.record.failure?.code ?? 'no code'}) and nothing explains it`)
  }
  for (const group of groups.values()) checkEffects(site, group)
}

function checkEffects(site: Site, group: readonly Known[]): void {
  const { world } = site
  const [first] = group
  if (!first) return
  const { call } = first.record
  const declared = site.builds.map((actions) => actions[call.action]).find((action) => action !== undefined)
  if (!declared || declared.effect.kind === 'local') return
  const { effect } = declared
  const text = canonical(call.params)
  const count =
    effect.kind === 'page'
      ? (site.pageRuns.get(`${effect.name}|${text}`) ?? 0)
      : site.far.applied.filter(
          ({ url, owner, params }) =>
            (url === effect.url || url === effect.batch?.url) && params === text && (owner === call.principal || !world.plan.hasServer),
        ).length
  const keys = new Set(group.map(({ record, row }) => `${row.owner}|${record.key}`))
  const done = new Set(group.filter(({ record }) => record.state === 'done').map(({ record, row }) => `${row.owner}|${record.key}`))
  const wasEvicted = site.devices.some((device) => device.wasEvicted)
  if (count > keys.size && !(wasEvicted && !(effect.kind === 'http' && effect.keyed)))
    world.broke('repeated', `${name(first)} happened ${count} times`)
  if (count < done.size) world.broke('lost', `${name(first)} is done and never happened`)
}
