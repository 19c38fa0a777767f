import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ask } from '../ask.ts'
import { entriesOf, parseAuditFile, verifyAuditFile } from '../audit-file.ts'
import type { AuditFile, ServerEntry } from '../audit-file.ts'
import type { Command, Context } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { Fault } from '../fault.ts'
import { isProof, verifyProofFile } from '../proof-file.ts'
import { compareWithRemembered } from '../remembered-heads.ts'
import { writeWhole } from '../write-whole.ts'
import { serverVerdict } from '../server-verdict.ts'

type Page = { readonly items: readonly ServerEntry[]; readonly head: AuditFile['head']; readonly statement: string | null }

const TENANT = { type: 'string', description: 'Whose chain (the only one, when there is one)', valueHint: 'id' } as const

const tenantOf = async (context: Context): Promise<string> => {
  const given = context.text('tenant')
  if (given !== null) return given
  const { body } = await ask(context.io, await context.target(), '/maestro-health/ops/state', { operator: true })
  if (!Array.isArray(body['tenants']))
    throw new Fault(EXIT.red, 'STORE_NOT_MIGRATED', 'The audit log cannot be read there: is it migrated? See "maestro db status".')
  const tenants = body['tenants'].map(String)
  const [only] = tenants
  if (only === undefined) throw new Fault(EXIT.notApplicable, 'AUDIT_EMPTY', 'There is no audit entry yet, of any tenant.')
  if (tenants.length > 1) throw new Fault(EXIT.usage, 'TENANT_NEEDED', `Give --tenant: ${tenants.slice(0, 20).join(', ')}`)
  return only
}

const page = async (context: Context, tenant: string, query: string): Promise<Page> => {
  const path = `/maestro-health/ops/audit?tenant=${encodeURIComponent(tenant)}${query}`
  return (await ask(context.io, await context.target(), path, { operator: true })).body as unknown as Page
}

const wholeChain = async (context: Context, tenant: string): Promise<AuditFile> => {
  const entries: ServerEntry[] = []
  for (;;) {
    const { items, head, statement } = await page(context, tenant, `&after=${entries.at(-1)?.seq ?? 0}`)
    entries.push(...items)
    if (items.length === 0 || head === null || (entries.at(-1)?.seq ?? 0) >= head.seq) {
      if (statement === null) return { tenant, head, entries }
      const { body: keys } = await ask(context.io, await context.target(), '/maestro-sync/keys')
      return { tenant, head, entries, statement, keys }
    }
  }
}

const readText = (context: Context, path: string): Promise<string> =>
  readFile(resolve(context.io.cwd, path), 'utf8').catch(() => {
    throw new Fault(EXIT.usage, 'FILE_UNREADABLE', `${path} cannot be read.`)
  })

export const auditVerify: Command = {
  describe: 'Recomputes the chain: of an exported file without any network, else of the server, here and there',
  flags: {
    file: { type: 'positional', description: 'A file made by "maestro audit export", or the proof of one action', required: false },
    tenant: TENANT,
    keys: { type: 'string', description: 'The server’s public keys, for a proof (maestro-keys.json beside it)', valueHint: 'path' },
    signer: { type: 'string', description: 'Red unless this key signed the head', valueHint: 'kid' },
  },
  examples: [
    'maestro audit verify',
    'maestro audit verify demo-audit.jsonl',
    'maestro audit verify invoice-7.proof --keys keys.json',
    'maestro audit verify --tenant demo --json',
  ],
  async run(context) {
    const path = context.text('file')
    const text = path === null ? null : await readText(context, path)
    if (path !== null && text !== null && isProof(text)) return verifyProofFile(context, path)
    const file = text === null ? await wholeChain(context, await tenantOf(context)) : parseAuditFile(text)
    const signer = context.text('signer')
    const judged = await verifyAuditFile(file)
    const isOther = judged.intact && signer !== null && judged.signer !== signer
    const mine = isOther ? { ...judged, intact: false, sentence: `the head is signed by ${judged.signer ?? 'nobody'}, not by ${signer}` } : judged
    if (path !== null) return { data: mine, lines: [mine.sentence], exit: mine.intact ? EXIT.green : EXIT.red }
    const body = await serverVerdict(context, file.tenant)
    const { url, dataDir } = await context.target()
    const wrong = mine.intact ? await compareWithRemembered(join(dataDir, 'audit-heads.json'), `${url} ${file.tenant}`, file) : null
    const agreed = mine.intact && body['intact'] === true && wrong === null
    if (wrong !== null) return { data: { ...mine, intact: false, sentence: wrong }, lines: [wrong], exit: EXIT.red }
    return {
      data: { ...mine, intact: agreed, server: body },
      lines: [mine.sentence, `the server says: ${JSON.stringify(body)}`],
      exit: agreed ? EXIT.green : EXIT.red,
    }
  },
}

export const auditTail: Command = {
  describe: 'The newest entries',
  flags: { tenant: TENANT, last: { type: 'string', description: 'How many, 1 to 500 (20)', valueHint: 'n' } },
  examples: ['maestro audit tail', 'maestro audit tail --last 100 --json'],
  async run(context) {
    const last = context.text('last') ?? '20'
    if (!/^\d{1,3}$/.test(last) || Number(last) < 1 || Number(last) > 500)
      throw new Fault(EXIT.usage, 'ARGUMENT_INVALID', '--last is a number from 1 to 500.')
    const { items, head } = await page(context, await tenantOf(context), `&last=${last}`)
    const lines = items.flatMap((entry) => {
      const told = (seq: number, action: string, key: string): string =>
        `${String(seq).padStart(6)}  ${entry.created_at}  ${entry.kind}  ${entry.state}  ${action}  ${key}`
      if (!('keys' in entry)) return [told(entry.seq, entry.action, entry.idempotency_key)]
      return entry.keys.map((key, index) => told(entry.seq - entry.keys.length + 1 + index, entry.actions[index] ?? '', key))
    })
    return { data: { items, head }, lines: lines.slice(-Number(last)) }
  },
}

export const auditExport: Command = {
  describe: 'Writes a tenant’s whole chain into one file that can be verified offline',
  flags: { tenant: TENANT, out: { type: 'string', description: 'The file; appears whole or not at all', valueHint: 'path', required: true } },
  examples: ['maestro audit export --out demo-audit.jsonl', 'maestro audit export --tenant demo --out demo-audit.jsonl --json'],
  async run(context) {
    const out = context.text('out')
    if (out === null) throw new Fault(EXIT.usage, 'ARGUMENT_MISSING', 'Give --out FILE.')
    const { tenant, head, entries, statement, keys } = await wholeChain(context, await tenantOf(context))
    const count = entries.reduce((sum, entry) => sum + entriesOf(entry), 0)
    const header = {
      maestro_audit: 1,
      tenant,
      head,
      exported: new Date(context.io.now()).toISOString(),
      ...(statement === undefined ? {} : { statement, keys }),
    }
    const bytes = await writeWhole(resolve(context.io.cwd, out), `${[header, ...entries].map((one) => JSON.stringify(one)).join('\n')}\n`)
    return {
      data: { file: out, tenant, entries: count, head, bytes },
      lines: [`${count} entries of ${tenant} in ${out}`, `check them with: maestro audit verify ${out}`],
    }
  },
}
