import * as v from 'valibot'

const base64Url = (max: number) => v.pipe(v.string(), v.regex(/^[\w-]+$/), v.maxLength(max))

const AssertionSchema = v.strictObject({
  credential: base64Url(1400),
  authenticatorData: base64Url(1024),
  clientDataJSON: base64Url(2048),
  signature: base64Url(256),
})

/** A new passkey, and what lets its person add it: a login made for this, or a passkey that they have. */
export const EnrolSchema = v.strictObject({
  credential: v.strictObject({
    id: base64Url(1400),
    alg: v.picklist(['ES256', 'EdDSA']),
    /** A SubjectPublicKeyInfo. */
    key: base64Url(256),
    authenticatorData: base64Url(4096),
    clientDataJSON: base64Url(2048),
  }),
  login: v.optional(v.strictObject({ email: v.pipe(v.string(), v.maxLength(255)), password: v.pipe(v.string(), v.maxLength(1024)) })),
  assertion: v.optional(AssertionSchema),
})

export type Enrolment = v.InferOutput<typeof EnrolSchema>
export type Assertion = v.InferOutput<typeof AssertionSchema>
