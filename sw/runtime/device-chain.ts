/**
 * This device's name at the server, and how much of its audit chain the server has. The server's word is the memory: nothing
 * is written here for it.
 *
 * D1 A copied profile shows as a fork: the server has, under our name, an entry that our chain does not. Then this device takes a
 *    new name, and its chain goes on under that one.
 */
import type { AuditEntry, ChainHead } from '../../src/audit/entry.ts'
import { bytesToHex, hexToBytes } from '../../src/base/bytes.ts'
import type { Principal } from '../../src/protocol/views.ts'
import { ownerOf } from '../core/admit.ts'
import type { ChainStore } from '../ports/ledger-store.ts'
import type { LogDep } from '../ports/log.ts'
import type { RandomDep } from '../ports/random.ts'
import type { SecretStoreDep } from '../ports/secret-store.ts'

export type DeviceChain = {
  /** Reads this device's name, or gives it one. */
  load(): Promise<void>
  deviceId(): string
  /** Entries that the server has not, at most `room`; none before it has said where it stands. */
  owed(principal: Principal, room: number): Promise<readonly AuditEntry[]>
  isBehind(principal: Principal): Promise<boolean>
  /** The last sequence number that the server is known to have; absent before it has said so. */
  place(principal: Principal): number | undefined
  /** What the server said of the chain of `deviceId`. */
  heard(principal: Principal, deviceId: string, said: ChainHead & { readonly isForked: boolean }): Promise<void>
}

const NAME = 'device-id'

export function createDeviceChain({
  log,
  random,
  secrets,
  store,
}: LogDep & RandomDep & SecretStoreDep & { readonly store: ChainStore }): DeviceChain {
  let id = ''
  let isRenamed = false
  let isStuck = false
  const through = new Map<string, number>()

  const rename = async (): Promise<void> => {
    id = random.hex(16)
    through.clear()
    // A name that could not be kept is given anew at the next start, which costs nothing but the upload.
    await secrets.set(NAME, hexToBytes(id)).catch(() => undefined)
  }

  const owed: DeviceChain['owed'] = async (principal, room) => {
    const from = through.get(ownerOf(principal))
    if (from === undefined || room <= 0 || isStuck) return []
    const read = await store.audit(room, from)
    const entries = read.ok ? read.value.entries : []
    // A damaged chunk leaves a hole; the server takes what is whole before it. Only a device that is new there begins anywhere.
    const first = from === 0 ? (entries[0]?.seq ?? 1) : from + 1
    return entries.filter(({ seq }, i) => seq === first + i)
  }

  async function isForked({ seq, hash, isForked: isSaid }: ChainHead & { readonly isForked: boolean }): Promise<boolean> {
    if (isSaid || seq === 0) return isSaid
    const read = await store.audit(1, seq - 1)
    return read.ok && read.value.entries[0]?.hash !== hash
  }

  return {
    owed,
    deviceId: () => id,
    async load() {
      const kept = await secrets.get(NAME)
      if (kept instanceof Uint8Array) id = bytesToHex(kept)
      else await rename()
    },
    place: (principal) => through.get(ownerOf(principal)),
    async isBehind(principal) {
      if (isStuck) return false
      const from = through.get(ownerOf(principal))
      if (from === undefined) return true
      const read = await store.audit(1)
      return read.ok && read.value.head.seq > from
    },
    async heard(principal, deviceId, said) {
      if (deviceId !== id) return
      if (await isForked(said)) {
        // A name that was given in this life and forks again is no copy: the chain itself is damaged, and another name would not mend it.
        isStuck = isRenamed
        const text = isStuck
          ? 'This device’s audit chain is damaged: it stays here'
          : 'This profile was copied or restored: it goes on as a new device'
        log.line({ level: 'warn', text: `[MAESTRO] ${text}` })
        if (!isStuck) await rename()
        isRenamed = true
      } else through.set(ownerOf(principal), said.seq)
    },
  }
}
