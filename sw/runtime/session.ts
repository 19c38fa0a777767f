/**
 * The session, owned by the worker because no page may be open when work runs. Tokens lie sealed beside the keys; one
 * refresh at a time; an answer that nobody gave never signs anybody out.
 */
import { utf8ToBytes } from '../../src/base/bytes.ts'
import { failure, type Failure } from '../../src/protocol/failure.ts'
import * as v from '../../src/protocol/schema.ts'
import type { Principal } from '../../src/protocol/views.ts'
import type { AuthServer, Tokens } from '../ports/auth-server.ts'
import type { ClockDep } from '../ports/clock.ts'
import type { KeyringDep, SealContext } from '../ports/keyring.ts'
import type { NetworkDep } from '../ports/network.ts'
import type { SecretStoreDep } from '../ports/secret-store.ts'

const TokensSchema = v.object({ access: v.string(), refresh: v.string(), expiresAt: v.number(), tenant: v.string(), user: v.string() })
const CONTEXT: SealContext = { store: 'maestro_secrets', record: 'session', owner: 'device', shape: 1 }
const NAME = 'session'
/** Refresh this long before the token ends, so that a request under way does not outlive it. */
const EARLY_MS = 60_000

export type TokenAnswer =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'local' }
  | { readonly kind: 'sign-in' }
  | { readonly kind: 'network' }

export type Session = {
  load(): Promise<void>
  principal(): Principal | null
  signIn(email: string, password: string): Promise<Failure | null>
  signOut(): Promise<void>
  /**
   * A usable access token of exactly this principal; `force` after the server refused the present one. Whoever else is
   * signed in by the time it is there, their token never carries another person's work (trap 10).
   */
  token(owner: Principal, force?: boolean): Promise<TokenAnswer>
  /** A fresh token was refused: this person's work waits for a sign-in, and nobody is asked again before (trap 12). */
  refuse(owner: Principal): void
  needsSignIn(): boolean
}

type Deps = ClockDep & KeyringDep & NetworkDep & SecretStoreDep & { readonly auth: AuthServer; readonly onChange: () => void }

export function createSession({ clock, keyring, network, secrets, auth, onChange }: Deps): Session {
  let tokens: Tokens | null = null
  let refreshing: Promise<TokenAnswer> | null = null
  let loading: Promise<void> | null = null
  let writing: Promise<unknown> = Promise.resolve()
  let isRefused = false

  /** One write after another, each of what is true when its turn comes: a slow one can never undo a later sign-out. */
  const persist = (): Promise<void> => {
    const turn = writing.then(async () => {
      const present = tokens
      if (present === null) await secrets.remove(NAME)
      else await secrets.set(NAME, await keyring.seal(CONTEXT, utf8ToBytes(JSON.stringify(present))))
    })
    writing = turn.catch(() => undefined)
    return turn
  }

  const become = async (next: Tokens | null): Promise<void> => {
    tokens = next
    refreshing = null
    isRefused = false
    await persist()
    onChange()
  }

  async function read(): Promise<void> {
    const sealed = await secrets.get(NAME)
    if (!(sealed instanceof Uint8Array)) return
    const plain = await keyring.open(CONTEXT, sealed)
    if (!plain.ok) return
    const parsed = v.safeParse(TokensSchema, JSON.parse(new TextDecoder().decode(plain.value)))
    if (parsed.success) tokens ??= parsed.output
  }

  const isOwnedBy = (owner: Principal): boolean => tokens !== null && tokens.user === owner.user && tokens.tenant === owner.tenant

  const pause = (): void => {
    if (isRefused) return
    isRefused = true
    onChange()
  }

  async function renew(present: Tokens): Promise<TokenAnswer> {
    if (!network.online()) return { kind: 'network' }
    const renewed = await auth.refresh(present.refresh)
    if (!renewed.ok && renewed.error !== 'refused') return { kind: 'network' }
    // A refresh must not change who is signed in, whatever the server says.
    if (!renewed.ok || renewed.value.user !== present.user || renewed.value.tenant !== present.tenant) {
      if (tokens === present) pause()
      return { kind: 'sign-in' }
    }
    // Signed out, or somebody else signed in, while the answer was under way: it is nobody's now.
    if (tokens !== present) return { kind: 'sign-in' }
    await become(renewed.value)
    return { kind: 'token', token: renewed.value.access }
  }

  return {
    load() {
      loading ??= read().catch(() => undefined)
      return loading
    },
    principal: () => tokens && { tenant: tokens.tenant, user: tokens.user },
    async signIn(email, password) {
      const answer = await auth.password(email, password)
      if (!answer.ok)
        return answer.error === 'refused'
          ? failure('AUTH_FAILED', 'e-mail or password is wrong')
          : failure('WORKER_UNREACHABLE', 'the sign-in server cannot be reached')
      await become(answer.value)
      return null
    },
    async signOut() {
      await become(null)
    },
    async token(owner, force = false) {
      if (tokens === null || isRefused || !isOwnedBy(owner)) return { kind: 'sign-in' }
      if (!force && tokens.expiresAt - EARLY_MS > clock.now()) return { kind: 'token', token: tokens.access }
      refreshing ??= renew(tokens)
      const mine = refreshing
      const renewed = await mine
      if (refreshing === mine) refreshing = null
      return isOwnedBy(owner) ? renewed : { kind: 'sign-in' }
    },
    refuse: (owner) => {
      if (isOwnedBy(owner)) pause()
    },
    needsSignIn: () => isRefused,
  }
}
