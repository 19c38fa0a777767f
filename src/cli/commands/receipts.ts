import { ask } from '../ask.ts'
import type { Command, Context } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { Fault } from '../fault.ts'

type Receipt = {
  readonly tenant_id: string
  readonly idempotency_key: string
  readonly action: string
  readonly state: string
  readonly created_at: string
}
type Page = { readonly items: readonly Receipt[]; readonly cursor: string | null }

const FLAGS = {
  tenant: { type: 'string', description: 'Only this tenant’s', valueHint: 'id' },
  limit: { type: 'string', description: 'How many, 1 to 500 (50)', valueHint: 'n' },
  cursor: { type: 'string', description: 'Where the page before ended', valueHint: 'text' },
} as const

const line = ({ created_at, state, tenant_id, action, idempotency_key }: Receipt): string =>
  `${created_at.slice(0, 19)}Z  ${state.padEnd(9)}  ${tenant_id}  ${action}  ${idempotency_key}`

const page = async (context: Context, extra: readonly (readonly [string, string])[]): Promise<Page> => {
  const query = new URLSearchParams(extra.map(([name, value]) => [name, value]))
  for (const name of ['tenant', 'limit', 'cursor']) {
    const value = context.text(name)
    if (value !== null) query.set(name, value)
  }
  const { body } = await ask(context.io, await context.target(), `/maestro-health/ops/receipts?${query}`, { operator: true, also: [400] })
  if (typeof body['message'] === 'string') throw new Fault(EXIT.usage, String(body['code']), body['message'])
  return body as unknown as Page
}

export const receiptsList: Command = {
  describe: 'Receipts, newest first',
  flags: { ...FLAGS, status: { type: 'string', description: 'claimed, done, dead, denied, expired, cancelled or refused', valueHint: 'state' } },
  examples: ['maestro receipts list', 'maestro receipts list --status dead --tenant demo --json'],
  async run(context) {
    const status = context.text('status')
    const found = await page(context, status === null ? [] : [['status', status]])
    return { data: found, lines: [...found.items.map(line), ...(found.cursor === null ? [] : [`more: --cursor ${found.cursor}`])] }
  },
}

export const receiptsStuck: Command = {
  describe: 'Receipts that were claimed, never ended, and whose lease ended 15 minutes ago or more; degraded when there are any',
  flags: FLAGS,
  examples: ['maestro receipts stuck', 'maestro receipts stuck --json | jq ".items[].idempotency_key"'],
  async run(context) {
    const found = await page(context, [['stuck', '1']])
    const none = found.items.length === 0
    const lines = none
      ? ['nothing is stuck']
      : [...found.items.map(line), 'Their devices finish them when they come back; maestro runbook show stuck-operations says more.']
    return { data: found, lines, exit: none ? EXIT.green : EXIT.degraded }
  },
}

export const receiptsShow: Command = {
  describe: 'One receipt by its idempotency key, with its audit entries',
  flags: { key: { type: 'positional', description: 'The idempotency key', required: true } },
  examples: ['maestro receipts show mail-7'],
  async run(context) {
    const key = encodeURIComponent(context.text('key') ?? '')
    const { body, status } = await ask(context.io, await context.target(), `/maestro-health/ops/receipts/${key}`, { operator: true, also: [404] })
    if (status === 404) throw new Fault(EXIT.red, 'RECEIPT_UNKNOWN', 'No receipt has this key: no device has claimed it here.')
    return { data: body, lines: JSON.stringify(body['items'], null, 2).split('\n') }
  },
}
