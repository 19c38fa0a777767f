import * as v from '../../protocol/schema.ts'

const ADDRESS = /^[^\s@<>,;]{1,64}@[^\s@<>,;]{1,255}$/
const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/

/** Text of the request's own size limit at most; addresses one at a time, so that nobody is copied in by a comma. */
const text = v.pipe(v.string(), v.maxLength(64 * 1024))
const address = v.pipe(v.string(), v.regex(ADDRESS))
const time = v.pipe(
  v.string(),
  v.regex(RFC3339),
  v.check((value) => !Number.isNaN(Date.parse(value)), 'no such time'),
)

const params = {
  'email.send': v.strictObject({ to: address, subject: text, body: text }),
  'event.create': v.strictObject({ title: text, start: time, end: time, attendees: v.pipe(v.array(address), v.maxLength(200)) }),
  'payment.transfer': v.strictObject({
    iban: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
    amount: v.pipe(v.string(), v.regex(/^\d{1,12}(?:\.\d{1,4})?$/)),
    currency: v.pipe(v.string(), v.regex(/^[A-Z]{3}$/)),
    reference: text,
  }),
  'file.delete': v.strictObject({ id: v.pipe(v.string(), v.maxLength(64)) }),
} as const

export type DemoAction = keyof typeof params
export type DemoParams = v.InferOutput<(typeof params)[DemoAction]>

const ROUTES: ReadonlyMap<string, DemoAction> = new Map([
  ['/api/demo/email', 'email.send'],
  ['/api/demo/events', 'event.create'],
  ['/api/demo/payments', 'payment.transfer'],
  ['/api/demo/files/delete', 'file.delete'],
])

/** The action that a path of the demo's back end performs. */
export const demoActionAt = (pathname: string): DemoAction | undefined => ROUTES.get(pathname)

/** The parameters of an action, or the name of the field that is wrong. The back end trusts no caller (law 8). */
export const parseDemoParams = (action: DemoAction, body: unknown): { readonly params: DemoParams } | { readonly field: string } => {
  const parsed = v.safeParse(params[action], body)
  return parsed.success ? { params: parsed.output } : { field: v.getDotPath(parsed.issues[0]) ?? '' }
}
