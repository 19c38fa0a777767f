import type postgres from 'postgres'
import * as v from 'valibot'
import type { Caller } from '../_shared/caller.ts'
import { inRole } from '../_shared/in-role.ts'
import { queueing, reporting } from './report.ts'
import { AuditItemSchema, BatchAnswerSchema, ClaimItemSchema, CompletionItemSchema, KeySchema } from './schema.ts'
import type { Batch } from './schema.ts'

type Item = { readonly idempotency_key: string }

/** The key of an item that is wrong elsewhere, so that its owner knows it again. */
const keyOf = (item: unknown): string | null => {
  const parsed = v.safeParse(v.object({ idempotency_key: KeySchema }), item)
  return parsed.success ? parsed.output.idempotency_key : null
}

/** The items that are what they should be, and a way to put the database's answers for them back in the order asked, each with its key. */
const sift = <S extends v.GenericSchema<unknown, Item>>(schema: S, given: readonly unknown[], refusal: Readonly<Record<string, unknown>>) => {
  const parsed = given.map((item) => v.safeParse(schema, item))
  const good = parsed.flatMap((one) => (one.success ? [one.output] : []))
  const merge = (answers: readonly object[]) => {
    if (answers.length !== good.length) throw new Error(`${answers.length} answers for ${good.length} items`)
    const next = answers.values()
    return parsed.map((one, index) =>
      one.success
        ? { idempotency_key: one.output.idempotency_key, ...next.next().value }
        : { idempotency_key: keyOf(given[index]), ...refusal, code: 'ITEM_INVALID' },
    )
  }
  return { good, merge }
}

/** Between the values of a column: no text of a claim has a control character. */
const UNIT = '\u001F'
/** What is not known, in columns whose values are never this. */
const NONE = '-'

/**
 * Settles a batch in one round trip and one transaction; claims go as columns, which the database reads several times faster than records. An item
 * that is not of its shape is answered `ITEM_INVALID` and not sent on; audit entries are taken all or none (`AUDIT_INVALID`), because each one's hash covers the one before.
 */
export const settle = async (sql: postgres.Sql, caller: Caller, body: Batch) => {
  const claims = sift(ClaimItemSchema, body.claims, { claimed: false })
  const completions = sift(CompletionItemSchema, body.completions, { completed: false })
  const audit = v.safeParse(v.array(AuditItemSchema), body.audit)
  const { device_id: device, report } = body

  const answers = await inRole(sql, { role: 'authenticated', caller }, (tx) => [
    ...(report === undefined ? [] : [reporting(tx, device, report), ...queueing(tx, device, report)]),
    tx`select public.maestro_settle_batch(${body.tenant_id}, ${device},
      string_to_array(${claims.good.map((item) => item.idempotency_key).join(UNIT)}, ${UNIT}),
      string_to_array(${claims.good.map((item) => item.trace_id).join(UNIT)}, ${UNIT}),
      string_to_array(${claims.good.map((item) => item.action).join(UNIT)}, ${UNIT}),
      string_to_array(${claims.good.map((item) => item.params_digest ?? NONE).join(UNIT)}, ${UNIT}, ${NONE}),
      string_to_array(${claims.good.map((item) => item.lane ?? NONE).join(UNIT)}, ${UNIT}, ${NONE}),
      ${JSON.stringify(completions.good)}::text::jsonb,
      ${JSON.stringify(audit.success ? audit.output : [])}::text::jsonb) as answer`,
  ])
  const answer = v.parse(BatchAnswerSchema, answers.at(-1)?.[0]?.['answer'])
  return {
    ...answer,
    claims: claims.merge(answer.claims),
    completions: completions.merge(answer.completions),
    audit: audit.success ? answer.audit : { ...answer.audit, code: 'AUDIT_INVALID' },
  }
}
