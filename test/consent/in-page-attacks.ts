/** What a script in the page tries through the built worker. Runs inside the page: nothing outside the function is there. */
import type { Maestro } from '../../src/client/api.ts'

export type PageCases = {
  /** First number of these cases, and how many. */
  readonly from: number
  readonly count: number
  readonly run: string
  readonly passkey: string
}

export type PageTally = { readonly kind: string; readonly keys: readonly string[]; readonly isControl: boolean }

export async function attackInPage({ from, count, run, passkey }: PageCases): Promise<PageTally[]> {
  const { maestro } = window as unknown as { maestro: Maestro }
  const kinds = ['forge', 'replay', 'reorder', 'swap-agent', 'swap-digest', 'steal-capability']
  type Assertion = Record<'credential' | 'authenticatorData' | 'clientDataJSON' | 'signature', string>
  const text = (bytes: ArrayBuffer): string =>
    btoa(String.fromCharCode(...new Uint8Array(bytes)))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replaceAll('=', '')
  const bytes = (encoded: string): Uint8Array<ArrayBuffer> =>
    Uint8Array.from(atob(encoded.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
  const unhex = (hex: string): Uint8Array<ArrayBuffer> => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  const prove = async (digest: string): Promise<Assertion> => {
    const got = (await navigator.credentials.get({
      publicKey: {
        challenge: unhex(digest),
        rpId: 'localhost',
        allowCredentials: [{ type: 'public-key', id: bytes(passkey) }],
        userVerification: 'required',
      },
    })) as PublicKeyCredential
    const response = got.response as AuthenticatorAssertionResponse
    return {
      credential: text(got.rawId),
      authenticatorData: text(response.authenticatorData),
      clientDataJSON: text(response.clientDataJSON),
      signature: text(response.signature),
    }
  }
  const flip = (value: string, at: number): string => {
    const raw = bytes(value)
    const place = at % raw.length
    raw[place] = (raw[place] ?? 0) ^ (1 << (at % 8))
    return text(raw.buffer)
  }
  const paymentOf = (i: number) => ({ iban: 'DE89370400440532013000', amount: `${100 + (i % 800)}.00`, currency: 'EUR', reference: `Case ${i}` })
  type Waiting = { id: string; digest: string; key: string }
  const ask = async (key: string, i: number, capability?: string): Promise<Waiting> => {
    const said = await maestro.command<{ receipt: Waiting }>('execute', {
      action: 'payment.transfer',
      params: paymentOf(i),
      key,
      ...(capability === undefined ? {} : { capability }),
    })
    return said.ok ? said.value.receipt : { id: '0'.repeat(64), digest: '0'.repeat(64), key }
  }
  const approve = ({ id, digest }: Waiting, evidence?: unknown) => maestro.decide({ id, digest, verdict: 'approve', evidence })
  const agent = async (name: string): Promise<string> => {
    const said = await maestro.command<string>('agent', { name })
    if (!said.ok) throw new Error(said.error.code)
    return said.value
  }

  const attack = async (kind: string, i: number, key: string): Promise<string[]> => {
    const turn = Math.floor(i / kinds.length)
    if (kind === 'reorder') {
      const both = [await ask(`${key}-a`, i), await ask(`${key}-b`, i)] as const
      const [first, second] = [await prove(both[0].digest), await prove(both[1].digest)]
      if (turn % 2 === 0)
        for (const [one, evidence] of [
          [both[0], second],
          [both[1], first],
        ] as const)
          await approve(one, evidence)
      else {
        await approve({ ...both[0], digest: both[1].digest }, second)
        await approve({ ...both[1], digest: both[0].digest }, first)
      }
      return both.map(({ key: one }) => one)
    }
    if (kind === 'steal-capability' || kind === 'swap-agent') {
      const given = await agent('assistant')
      const [tag = '', statement = ''] = [given.slice(0, given.indexOf('.')), given.slice(given.indexOf('.') + 1)]
      const stolen =
        kind === 'swap-agent'
          ? `${tag}.${statement.replace('assistant', ['trusted', 'calendar', 'user', ''][turn % 4] ?? '')}`
          : ([`${tag}.${statement.replace('"demo"', '"ben"')}`, statement, `.${statement}`, `${flip(tag, turn)}.${statement}`, given.slice(0, -1)][
              turn % 5
            ] ?? '')
      const waiting = await ask(key, i, stolen)
      await approve(waiting, await prove(/^[0-9a-f]{64}$/.test(waiting.digest) ? waiting.digest : '0'.repeat(64)))
      return [key]
    }
    const waiting = await ask(key, i)
    if (kind === 'replay') {
      // The proof of an earlier approval, which was denied since.
      const earlier = await ask(`${key}-earlier`, i)
      const evidence = await prove(earlier.digest)
      await maestro.decide({ id: earlier.id, digest: earlier.digest, verdict: 'deny' })
      await approve(waiting, evidence)
      await approve(earlier, evidence)
      return [key, `${key}-earlier`]
    }
    if (kind === 'swap-digest') {
      const wrong = waiting.digest.replace(/^./, (char) => (char === '0' ? '1' : '0'))
      if (turn % 3 === 0) await approve(waiting, await prove(wrong))
      else if (turn % 3 === 1) await approve({ ...waiting, digest: wrong }, await prove(waiting.digest))
      else await approve({ ...waiting, digest: wrong }, await prove(wrong))
      return [key]
    }
    if (turn % 4 === 0) {
      await approve(waiting, [undefined, null, true, {}, [], 'yes', { credential: passkey }][turn % 7])
      return [key]
    }
    const proof = await prove(waiting.digest)
    const part = (['authenticatorData', 'clientDataJSON', 'signature', 'credential'] as const)[turn % 4] ?? 'signature'
    await approve(waiting, { ...proof, [part]: flip(proof[part], turn * 7) })
    return [key]
  }

  const done: PageTally[] = []
  for (let i = from; i < from + count; i++) {
    const kind = kinds[i % kinds.length] ?? 'forge'
    const key = `${run}-${i}`
    const keys = await attack(kind, i, key)
    done.push({ kind, keys, isControl: false })
    // What still waits is put away, so that the list stays short.
    for (const one of keys) {
      const receipt = await maestro.receipt(one)
      if (receipt?.status === 'awaiting-approval') await maestro.decide({ id: receipt.id, digest: receipt.digest, verdict: 'deny' })
    }
    if (i % (kinds.length * 10) >= kinds.length) continue
    // An agent of its own each: what one may pay in a day is bounded.
    const control = await ask(`${key}-control`, i, kind === 'swap-agent' || kind === 'steal-capability' ? await agent(`helper-${i}`) : undefined)
    await approve(control, await prove(control.digest))
    await (
      await maestro.handle(control.key)
    )?.settled
    done.push({ kind, keys: [control.key], isControl: true })
  }
  return done
}
