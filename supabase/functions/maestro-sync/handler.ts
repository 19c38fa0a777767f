import type postgres from 'postgres'
import * as v from 'valibot'
import { admit } from '../_shared/admit.ts'
import { answer, refuse } from '../_shared/answer.ts'
import type { VerifyToken } from '../_shared/caller.ts'
import type { ClaimCounts } from '../_shared/claim-counts.ts'
import { createApp } from '../_shared/create-app.ts'
import type { Handler } from '../_shared/create-app.ts'
import type { KillVersion } from '../_shared/kill-version.ts'
import { LIMITS } from '../_shared/limits.ts'
import type { RateLimit } from '../_shared/rate-limit.ts'
import { readJson } from '../_shared/read-json.ts'
import type { SigningKey } from '../_shared/signing-key.ts'
import { settle } from './batch.ts'
import { DeviceKeySchema, certifyDevice, isProven } from './device-key.ts'
import { HeadBodySchema, keepHead, showHeads } from './heads.ts'
import { claim, complete, lookUp } from './ledger.ts'
import { exchange, MemorySchema } from './memory.ts'
import { listRuns } from './runs.ts'
import { BatchSchema, ClaimSchema, CompleteSchema, KeySchema } from './schema.ts'

type Deps = {
  readonly sql: postgres.Sql
  readonly verifyToken: VerifyToken
  readonly rateLimit: RateLimit
  readonly killVersion: KillVersion
  /** Counts for the alert on claim failures. */
  readonly claimCounts?: ClaimCounts
  /** What certifies devices; null where none is set: then nothing is certified, and all else works. */
  readonly signingKey: SigningKey | null
  readonly log: (line: string) => void
}

const keyOf = (url: string): string | null => {
  try {
    const key = decodeURIComponent(new URL(url).pathname.replace('/maestro-sync/receipt/', ''))
    return v.is(KeySchema, key) ? key : null
  } catch {
    return null
  }
}

const otherTenant = () => refuse(403, 'TENANT_MISMATCH', 'The token is not for this tenant.')

/** The ledger's routes: claim a receipt, complete it, look it up, or many at once. Tenant and principal are the verified token's; the body's tenant must agree. */
export const createMaestroSync = (deps: Deps): Handler => {
  const app = createApp({ name: 'maestro-sync', killVersion: deps.killVersion, log: deps.log })

  app.use('/claim-receipt', async (context, next) => {
    await next()
    deps.claimCounts?.status(context.res.status)
  })

  app.post('/claim-receipt', async ({ req: { raw } }) => {
    const caller = await admit(deps, raw)
    if (caller instanceof Response) return caller
    const body = await readJson(raw, ClaimSchema, LIMITS.claimBytesMax)
    if (body instanceof Response) return body
    if (body.tenant_id !== caller.tenant) return otherTenant()
    const outcome = await claim(deps.sql, caller, body)
    if (!('code' in outcome)) return answer(200, outcome)
    if (outcome.code === 'KEY_REUSED') return refuse(422, 'KEY_REUSED', 'This key stands for another action or other parameters.')
    return refuse(409, 'IN_PROGRESS', 'Another holder is at work on this key.', { 'retry-after': String(outcome.retry_after_s) })
  })

  app.post('/complete-receipt', async ({ req: { raw } }) => {
    const caller = await admit(deps, raw)
    if (caller instanceof Response) return caller
    const body = await readJson(raw, CompleteSchema, LIMITS.completeBytesMax)
    if (body instanceof Response) return body
    if (body.tenant_id !== caller.tenant) return otherTenant()
    const outcome = await complete(deps.sql, caller, body)
    if (outcome.completed) return answer(200, outcome)
    if (outcome.code === 'RECEIPT_UNKNOWN') return refuse(404, 'RECEIPT_UNKNOWN', 'There is no such receipt.')
    return refuse(409, 'FENCE_STALE', 'Another holder has taken this receipt over or ended it.')
  })

  app.post('/', async ({ req: { raw } }) => {
    const caller = await admit(deps, raw)
    if (caller instanceof Response) return caller
    const body = await readJson(raw, BatchSchema, LIMITS.batchBytesMax)
    if (body instanceof Response) return body
    if (body.claims.length + body.completions.length + body.audit.length > LIMITS.batchItemsMax)
      return refuse(413, 'BATCH_TOO_LARGE', `At most ${LIMITS.batchItemsMax} items in one batch.`)
    if (body.tenant_id !== caller.tenant) return otherTenant()
    const settled = await settle(deps.sql, caller, body)
    deps.killVersion.note(settled.kill_version)
    deps.claimCounts?.items(settled.claims)
    return answer(200, settled)
  })

  app.get('/runs', async (context) => {
    const caller = await admit(deps, context.req.raw)
    return caller instanceof Response ? caller : listRuns(deps.sql, caller, (key) => context.req.query(key))
  })

  app.post('/memory', async ({ req: { raw } }) => {
    const caller = await admit(deps, raw)
    if (caller instanceof Response) return caller
    const body = await readJson(raw, MemorySchema, LIMITS.batchBytesMax)
    if (body instanceof Response) return body
    if (body.tenant_id !== caller.tenant) return otherTenant()
    return answer(200, await exchange(deps.sql, caller, body))
  })

  app.get('/receipt/*', async ({ req: { raw } }) => {
    const caller = await admit(deps, raw)
    if (caller instanceof Response) return caller
    const key = keyOf(raw.url)
    if (key === null) return refuse(400, 'KEY_INVALID', 'This is not an idempotency key.')
    const receipt = await lookUp(deps.sql, caller, key)
    return receipt === null ? refuse(404, 'RECEIPT_UNKNOWN', 'There is no such receipt.') : answer(200, receipt)
  })

  app.get('/keys', () => answer(200, deps.signingKey?.jwks ?? { keys: [] }))

  app.post('/device-key', async ({ req: { raw } }) => {
    const caller = await admit(deps, raw)
    if (caller instanceof Response) return caller
    if (deps.signingKey === null) return refuse(501, 'SIGNING_KEY_ABSENT', 'This server signs nothing: MAESTRO_SIGNING_KEY is not set.')
    const body = await readJson(raw, DeviceKeySchema, LIMITS.claimBytesMax)
    if (body instanceof Response) return body
    if (!(await isProven(caller, body))) return refuse(403, 'PROOF_WRONG', 'The key did not sign that it is this device’s of this person.')
    const certified = await certifyDevice(deps.sql, caller, deps.signingKey, body)
    return certified === null ? refuse(403, 'DEVICE_REFUSED', 'This device is not certified.') : answer(200, certified)
  })

  app.post('/heads', async ({ req: { raw } }) => {
    const caller = await admit(deps, raw)
    if (caller instanceof Response) return caller
    if (deps.signingKey === null) return refuse(501, 'SIGNING_KEY_ABSENT', 'This server signs nothing: MAESTRO_SIGNING_KEY is not set.')
    const body = await readJson(raw, HeadBodySchema, LIMITS.batchBytesMax)
    if (body instanceof Response) return body
    return body.tenant_id === caller.tenant ? keepHead(deps.sql, caller, deps.signingKey, body) : otherTenant()
  })

  app.get('/heads', async ({ req }) => {
    const caller = await admit(deps, req.raw)
    return caller instanceof Response ? caller : showHeads(deps.sql, caller, req.query())
  })

  return { fetch: async (request) => app.fetch(request) }
}
