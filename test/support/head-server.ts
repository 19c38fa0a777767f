/** A server of signed heads in memory that keeps its word, and can be made to break it. */
import { chain, GENESIS, type AuditEntry } from '../../src/audit/entry.ts'
import { readHead, type SignedHead } from '../../src/audit/signed-head.ts'
import type { SigningKey } from '../../supabase/functions/_shared/signing-key.ts'
import type { HeadServer, ShownHeads } from '../../sw/ports/head-server.ts'
import { keysOf, witness } from './signed-heads.ts'

type Kept = { readonly seq: number; readonly hash: string; readonly signed: SignedHead }

export type MemoryHeads = HeadServer & {
  /** The chain and the counter-signed heads, by device. */
  readonly entries: Map<string, AuditEntry[]>
  readonly heads: Map<string, Kept[]>
  readonly registered: Map<string, string>
  readonly struckOff: Set<string>
  readonly sent: string[]
  isAway: boolean
  /** What it shows and answers in place of the truth. */
  lie: ((signed: SignedHead) => SignedHead) | null
}

export function memoryHeads(key: SigningKey): MemoryHeads {
  const server: MemoryHeads = {
    entries: new Map(),
    heads: new Map(),
    registered: new Map(),
    struckOff: new Set(),
    sent: [],
    isAway: false,
    lie: null,
    async register(device, publicKey) {
      if (server.isAway) return 'unreachable'
      if (server.struckOff.has(device)) return 'refused'
      server.registered.set(device, publicKey)
      return 'registered'
    },
    async send(tenant, head, entries) {
      if (server.isAway) return { kind: 'unreachable' }
      server.sent.push(head)
      const claims = readHead(head)
      if (!claims || claims.tenant !== tenant) return { kind: 'denied', code: 'HEAD_OTHER' }
      const { device, seq, hash, principal } = claims
      const publicKey = server.registered.get(device)
      if (publicKey === undefined || server.struckOff.has(device)) return { kind: 'denied', code: 'DEVICE_UNKNOWN' }
      const there = server.entries.get(device) ?? []
      for (const entry of entries) {
        if (entry.seq <= there.length) continue
        if (chain(there.at(-1) ?? GENESIS, entry).hash !== entry.hash) return { kind: 'refused', code: 'HEAD_FORK', shown: shown(device, null) }
        there.push(entry)
      }
      server.entries.set(device, there)
      const kept = server.heads.get(device) ?? []
      const last = kept.at(-1)
      const wrong =
        there[seq - 1] && there[seq - 1]?.hash !== hash ? 'HEAD_FORK' : seq < (last?.seq ?? 0) ? 'HEAD_OLD' : there[seq - 1] ? null : 'HEAD_AHEAD'
      if (wrong) return { kind: 'refused', code: wrong, shown: shown(device, null) }
      if (last?.seq === seq) return { kind: 'kept', signed: told(last.signed) }
      const signed = await witness(key, head, { tenant, principal, device, seq, hash, key: publicKey })
      server.heads.set(device, [...kept, { seq, hash, signed }])
      return { kind: 'kept', signed: told(signed) }
    },
    show: async (device, covers) => (server.isAway ? null : shown(device, covers)),
    keys: async () => (server.isAway ? null : keysOf(key)),
  }
  const told = (signed: SignedHead): SignedHead => server.lie?.(signed) ?? signed
  const shown = (device: string, covers: number | null): ShownHeads => {
    const kept = server.heads.get(device) ?? []
    const latest = kept.at(-1)?.signed
    const asked = covers === null ? undefined : kept.find(({ seq }) => seq >= covers)?.signed
    return { through: server.entries.get(device)?.length ?? 0, latest: latest ? told(latest) : null, asked: asked ? told(asked) : null }
  }
  return server
}
