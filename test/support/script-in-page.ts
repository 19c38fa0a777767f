/** A hostile script in the demo's page, with a stolen access token. Runs inside the page: nothing outside the function is there. */
import type { Maestro } from '../../src/client/api.ts'

export type Loot = { readonly key: string; readonly token: string; readonly params: Readonly<Record<string, string>> }

/** Tries everything within its reach to make a payment happen; gives what it was told, by what it tried. */
export async function tryEverything({ key, token, params }: Loot): Promise<Record<string, string>> {
  const { maestro } = window as unknown as { maestro: Maestro }
  const told: Record<string, string> = {}
  const note = (what: string, said: unknown): void => {
    told[what] = JSON.stringify(said) ?? 'undefined'
  }
  const encoder = new TextEncoder()
  const text = (bytes: ArrayBuffer | Uint8Array): string =>
    btoa(String.fromCharCode(...new Uint8Array(bytes)))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replaceAll('=', '')
  const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> =>
    new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  const canonical = (value: unknown): string =>
    value === null || typeof value !== 'object' || Array.isArray(value)
      ? JSON.stringify(value)
      : `{${Object.keys(value)
          .toSorted()
          .map((name) => `${JSON.stringify(name)}:${canonical((value as Record<string, unknown>)[name])}`)
          .join(',')}}`
  const digest = async (value: unknown): Promise<string> =>
    Array.from(await sha256(encoder.encode(canonical(value))), (byte) => byte.toString(16).padStart(2, '0')).join('')
  const send = async (
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: Record<string, unknown> }> => {
    const init = { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers } }
    const answer = await fetch(path, { ...init, body: JSON.stringify(body) })
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }

  // A key of its own that looks like a passkey.
  const pair = await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify'])
  const id = text(crypto.getRandomValues(new Uint8Array(16)))
  const spki = text(await crypto.subtle.exportKey('spki', pair.publicKey))
  const rpHash = await sha256(encoder.encode(location.hostname))
  const ceremony = async (type: string, challenge: Uint8Array, flags: number, tail: Uint8Array) => {
    const authenticatorData = Uint8Array.from([...rpHash, flags, 0, 0, 0, 1, ...tail])
    const client = encoder.encode(JSON.stringify({ type, challenge: text(challenge), origin: location.origin, crossOrigin: false }))
    const signature = await crypto.subtle.sign('Ed25519', pair.privateKey, Uint8Array.from([...authenticatorData, ...(await sha256(client))]))
    return { authenticatorData: text(authenticatorData), clientDataJSON: text(client), signature: text(signature) }
  }
  const rawId = Uint8Array.from(atob(id.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
  const made = await ceremony('webauthn.create', new Uint8Array(32), 0x45, Uint8Array.from([...new Uint8Array(16), 0, 16, ...rawId, 0xa0]))
  const credential = { id, alg: 'EdDSA', key: spki, authenticatorData: made.authenticatorData, clientDataJSON: made.clientDataJSON }
  const own = {
    credential: id,
    ...(await ceremony('webauthn.get', await sha256(encoder.encode(`maestro/enrol/1\n${id}\n${spki}`)), 5, new Uint8Array())),
  }
  for (const [name, proof] of Object.entries({
    nothing: {},
    guess: { login: { email: 'demo@example.com', password: 'guess' } },
    itself: { assertion: own },
    token: { login: { email: 'demo@example.com', password: token.slice(0, 100) } },
  })) {
    const enrolment = { credential, ...proof }
    const said = await maestro.command('passkeyEnrol', { enrolment })
    note(`enrol with ${name}`, said.ok ? 'added' : said.error.code)
    note(`enrol with ${name}, past the worker`, (await send('/functions/v1/maestro-passkey', enrolment)).body['code'])
  }

  // What waits, approved by its own key; then every command that is told of it.
  const asked = await maestro.execute('payment.transfer', params, { key })
  const receipt = await maestro.receipt(asked.key)
  if (!receipt) return told
  const unhex = Uint8Array.from(receipt.digest.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  const assertion = { credential: id, ...(await ceremony('webauthn.get', unhex, 5, new Uint8Array())) }
  const decision = { id: receipt.id, digest: receipt.digest, verdict: 'approve' as const }
  note('approve', (await maestro.decide(decision))?.code)
  note('approve with its own key', (await maestro.decide({ ...decision, evidence: assertion }))?.code)
  for (const [name, args] of Object.entries({
    retry: { key },
    pageEffect: { id: receipt.id, attempt: 0, outcome: { ok: true, value: { id: 'x', applied_at: 'now', idempotent: false } } },
    wake: { network: true },
    refreshGate: {},
    hello: { build: 'x' },
  }))
    note(name, (await maestro.command(name, args)).ok)
  const packed = await maestro.command<{ capsule: string; code: string }>('export', {})
  if (packed.ok) note('import', (await maestro.command('import', packed.value)).ok)

  // The device's own key, and a certificate for it.
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open('maestro_secrets')
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('not opened'))
  })
  const kept = await new Promise<CryptoKeyPair | undefined>((resolve) => {
    const request = database.transaction('secrets').objectStore('secrets').get('signer/1')
    request.onsuccess = () => resolve(request.result as CryptoKeyPair | undefined)
  })
  database.close()
  const signer = kept ?? pair
  const raw = text(await crypto.subtle.exportKey('raw', signer.publicKey))
  const device = `script-${id}`
  const header = text(encoder.encode(JSON.stringify({ alg: 'EdDSA', typ: 'maestro-device-key+jws' })))
  const whose = `${header}.${text(encoder.encode(JSON.stringify({ v: 1, tenant: 'demo', principal: 'demo', device, key: raw })))}`
  const proof = `${whose}.${text(await crypto.subtle.sign('Ed25519', signer.privateKey, encoder.encode(whose)))}`
  const certified = await send('/functions/v1/maestro-sync/device-key', { device_id: device, public_key: raw, proof })
  note('certify a device', certified.status)
  const now = Date.now()
  const call = {
    v: 1,
    tenant: 'demo',
    principal: 'demo',
    origin: location.origin,
    agent: null,
    action: 'payment.transfer',
    version: 1,
    params,
    policy: 'a'.repeat(64),
    seq: 1,
    nonce: id,
    issued: now,
    expires: now + 60_000,
  }
  const { params: _params, policy, ...rest } = call
  const sign = async (claims: object, typ = 'maestro-receipt+jws'): Promise<string> => {
    const unsigned = [{ alg: 'EdDSA', typ }, claims].map((part) => text(encoder.encode(canonical(part)))).join('.')
    return `${unsigned}.${text(await crypto.subtle.sign('Ed25519', signer.privateKey, encoder.encode(unsigned)))}`
  }
  const base = {
    ...rest,
    policy_digest: policy,
    device,
    key,
    params_digest: await digest({ action: call.action, version: 1, params }),
    call_digest: await digest(call),
    lane: 'RED',
    approved_at: now,
    approver: 'demo',
    user_verified: false,
    certificate: certified.body['certificate'],
  }
  const callDigest = Uint8Array.from(base.call_digest.match(/../g) ?? [], (hex) => Number.parseInt(hex, 16))
  const forged = { credential: id, ...(await ceremony('webauthn.get', callDigest, 5, new Uint8Array())) }
  const passkeyClaims = {
    v: 1,
    tenant: 'demo',
    principal: 'demo',
    user: 'demo',
    id,
    alg: 'EdDSA',
    key: spki,
    rp: location.hostname,
    issued: now,
    expires: now + 1e9,
  }
  const byItself = await sign(passkeyClaims, 'maestro-passkey+jws')
  const tries = {
    'no proof': base,
    'no approval': { ...base, lane: 'GREEN', approved_at: null, approver: null },
    'a claim of proof': { ...base, user_verified: true },
    'its own certificate': { ...base, user_verified: true, assertion: { ...forged, certificate: byItself } },
    'the device as a passkey': { ...base, user_verified: true, assertion: { ...forged, certificate: certified.body['certificate'] } },
  }
  for (const [name, claims] of Object.entries(tries)) {
    const headers = { 'idempotency-key': encodeURIComponent(key), 'maestro-receipt': await sign(claims) }
    note(`pay with ${name}`, (await send('/api/demo/payments', params, headers)).body['code'] ?? 'paid')
  }
  note('pay with nothing', (await send('/api/demo/payments', params, { 'idempotency-key': encodeURIComponent(key) })).body['code'] ?? 'paid')
  const small = { ...params, amount: '99.99' }
  const little = { ...call, params: small }
  const claims = {
    ...base,
    params_digest: await digest({ action: call.action, version: 1, params: small }),
    call_digest: await digest(little),
    key: `${key}-small`,
  }
  const headers = { 'idempotency-key': encodeURIComponent(`${key}-small`), 'maestro-receipt': await sign(claims) }
  note('pay less than asks for proof', (await send('/api/demo/payments', small, headers)).body['code'] ?? 'paid')
  return told
}
