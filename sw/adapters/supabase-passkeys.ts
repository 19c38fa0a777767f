/** Certificates through the `maestro-sync` and `maestro-passkey` functions. Answers are parsed; one that is not what it claims is no answer. */
import type { Json } from '../../src/base/json.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import * as v from '../../src/protocol/schema.ts'
import type { CertifiedPasskeys, PasskeyFailure, PasskeyServer } from '../ports/passkey-server.ts'
import { readJson } from './read-json.ts'
import { request } from './request.ts'

const DeviceSchema = v.looseObject({ certificate: v.string(), expires: v.number() })
const PasskeysSchema = v.looseObject({
  passkeys: v.pipe(v.array(v.string()), v.maxLength(100)),
  keys: v.array(v.looseObject({ kid: v.string(), x: v.string() })),
})
const RefusalSchema = v.looseObject({ code: v.string() })

const ANSWER_BYTES_MAX = 256 * 1024

export function createSupabasePasskeys(base: string, anonKey: string | null): PasskeyServer {
  const call = async <S extends v.GenericSchema>(
    path: string,
    schema: S,
    token: string,
    body?: Json,
  ): Promise<Result<v.InferOutput<S>, PasskeyFailure>> => {
    try {
      const headers = anonKey === null ? {} : { apikey: anonKey }
      const response = await request(`${base}/functions/v1/${path}`, LIMITS.syncTimeoutMs, { token, headers, body })
      const given = await readJson(response, ANSWER_BYTES_MAX)
      const parsed = v.safeParse(schema, given)
      if (response.ok && parsed.success) return ok(parsed.output)
      const refusal = v.safeParse(RefusalSchema, given)
      const isFinal = response.status >= 400 && response.status < 500 && ![401, 408, 425, 429].includes(response.status)
      return err({ kind: isFinal ? 'refused' : 'unreachable', code: refusal.success ? refusal.output.code : String(response.status) })
    } catch {
      return err({ kind: 'unreachable', code: 'UNREACHABLE' })
    }
  }

  const certified = (said: Result<v.InferOutput<typeof PasskeysSchema>, PasskeyFailure>): Result<CertifiedPasskeys, PasskeyFailure> =>
    said.ok ? ok({ certificates: said.value.passkeys, keys: said.value.keys.map(({ kid, x }) => ({ kid, x })) }) : said

  return {
    certifyDevice: (device, publicKey, token, proof) =>
      call('maestro-sync/device-key', DeviceSchema, token, { device_id: device, public_key: publicKey, proof }),
    passkeys: async (token) => certified(await call('maestro-passkey', PasskeysSchema, token)),
    enrol: async (enrolment, token) => certified(await call('maestro-passkey', PasskeysSchema, token, enrolment)),
  }
}
