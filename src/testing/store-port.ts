import type { LedgerStoreDep, StoreFailure } from '../../sw/ports/ledger-store.ts'
import { err, ok, type Result } from '../base/result.ts'
import type { auditOf, commitTo, loadFrom } from './disk.ts'
import type { Site } from './site.ts'
import type { Worker } from './worker.ts'

type Disk = { readonly commitTo: typeof commitTo; readonly loadFrom: typeof loadFrom; readonly auditOf: typeof auditOf }

/** The ledger's store: a fault leaves no trace on disk, and a transaction whose worker died before it was complete never was. */
export function storePort(
  { world, laws }: Site,
  { device, generation, ...worker }: Worker,
  laneName: string,
  { commitTo, loadFrom, auditOf }: Disk,
): LedgerStoreDep['store'] {
  const { disk } = device
  const lane = { lane: `${device.index}/${laneName}` }
  const guarded = <T>(site: string, detail: string, work: () => T): Promise<Result<T, StoreFailure>> =>
    generation.call(site, detail, lane, () => {
      const fault = world.fault(site)
      if (!fault) return ok(work())
      world.count(`${site} ${fault.kind}`)
      const code = fault.kind === 'quota' ? 'QUOTA' : fault.kind === 'abort' ? 'ABORTED' : 'UNOPENABLE'
      return err({ code, name: `Error${world.texts.hex(3)}` })
    })
  return {
    strays: () => generation.call('store', 'strays', lane, () => ok([])),
    exists: () => generation.call('store', 'exists', lane, () => disk.hasLedger),
    commit: (changes) =>
      guarded(
        'commit',
        changes.map(({ row, facts }) => `${row.id.slice(0, 6)}.${row.rev}:${facts.map(({ kind }) => kind).join('+')}`).join(' '),
        () => commitTo(disk, changes, (change) => laws.onCommit({ ...worker, device, generation }, change)),
      ),
    load: (recent) => guarded('load', 'ledger', () => loadFrom(disk, recent)),
    get: (id) => guarded('get', id.slice(0, 6), () => disk.rows.get(id)),
    audit: (limit, after) => guarded('audit', `${limit}`, () => auditOf(disk, limit, after)),
  }
}
