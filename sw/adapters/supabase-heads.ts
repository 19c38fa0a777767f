/** Heads of audit chains through the `maestro-sync` function. Answers are parsed; one that is not what it claims is no answer. */
import { SignedHeadSchema } from '../../src/audit/signed-head.ts'
import type { Json } from '../../src/base/json.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import * as v from '../../src/protocol/schema.ts'
import type { HeadServer } from '../ports/head-server.ts'
import { readJson } from './read-json.ts'
import { request } from './request.ts'

const SignedSchema = v.object(SignedHeadSchema.entries)
const ShownSchema = v.object({ through: v.number(), latest: v.nullable(SignedSchema), asked: v.nullable(SignedSchema) })
const RefusedSchema = v.object({ code: v.picklist(['HEAD_OLD', 'HEAD_FORK', 'HEAD_AHEAD']), ...ShownSchema.entries })
const KeysSchema = v.object({ keys: v.array(v.looseObject({ kid: v.string(), x: v.string() })) })
const CodeSchema = v.looseObject({ code: v.string() })

const ANSWER_BYTES_MAX = 256 * 1024

export function createSupabaseHeads(base: string, anonKey: string | null): HeadServer {
  const call = async (
    path: string,
    token: string | null,
    body?: Json,
  ): Promise<{ readonly status: number; readonly said: Json | undefined } | null> => {
    try {
      const headers = anonKey === null ? {} : { apikey: anonKey }
      const response = await request(`${base}/functions/v1/maestro-sync/${path}`, LIMITS.syncTimeoutMs, { token, headers, body })
      return { status: response.status, said: await readJson(response, ANSWER_BYTES_MAX) }
    } catch {
      return null
    }
  }

  return {
    async register(device, publicKey, token, proof) {
      const answer = await call('device-key', token, { device_id: device, public_key: publicKey, proof })
      if (answer?.status === 200) return 'registered'
      return answer?.status === 403 && v.is(CodeSchema, answer.said) ? 'refused' : 'unreachable'
    },
    async send(tenant, head, entries, token) {
      const answer = await call('heads', token, { tenant_id: tenant, head, entries })
      const kept = v.safeParse(SignedSchema, answer?.said)
      if (answer?.status === 200 && kept.success) return { kind: 'kept', signed: kept.output }
      const refused = v.safeParse(RefusedSchema, answer?.said)
      if (answer?.status === 409 && refused.success) {
        const { code, ...shown } = refused.output
        return { kind: 'refused', code, shown }
      }
      const denied = v.safeParse(CodeSchema, answer?.said)
      return answer?.status === 403 && denied.success ? { kind: 'denied', code: denied.output.code } : { kind: 'unreachable' }
    },
    async show(device, covers, token) {
      const query = new URLSearchParams({ device_id: device, ...(covers === null ? {} : { covers: String(covers) }) })
      const answer = await call(`heads?${query.toString()}`, token)
      const shown = v.safeParse(ShownSchema, answer?.said)
      return answer?.status === 200 && shown.success ? shown.output : null
    },
    async keys() {
      const answer = await call('keys', null)
      const parsed = v.safeParse(KeysSchema, answer?.said)
      return answer?.status === 200 && parsed.success ? parsed.output.keys.map(({ kid, x }) => ({ kid, x })) : null
    },
  }
}
