import * as LIMITS from '../../src/protocol/limits.ts'
import type { KillAcks } from '../ports/kill-acks.ts'
import { request } from './request.ts'

/** Acknowledgements to `maestro-flag`, keys to `maestro-sync`, of the server with this origin (`''`: the page's own). */
export const createFetchKillAcks = (base: string): KillAcks => ({
  async send(ack) {
    try {
      const { ok, status } = await request(`${base}/functions/v1/maestro-flag/ack`, LIMITS.flagTimeoutMs, { body: { ack } })
      return ok ? 'taken' : status === 404 ? 'device-unknown' : status >= 500 || status === 429 ? 'unreachable' : 'refused'
    } catch {
      return 'unreachable'
    }
  },
  async register(deviceId, publicKey, token, proof) {
    try {
      const body = { device_id: deviceId, public_key: publicKey, proof }
      return (await request(`${base}/functions/v1/maestro-sync/device-key`, LIMITS.syncTimeoutMs, { body, token })).ok
    } catch {
      return false
    }
  },
})
