/**
 * A person's account on this device: whether the server knows one, and taking over the keys that the unlock document gives.
 *
 * A1 The server has the unlockers before this device seals anything under them: keys that nobody could come by again protect nothing.
 * A2 What the server shows is believed as far as it leads on from the signer this device believes in.
 */
import { canonical } from '../../src/base/canonical.ts'
import { concatBytes, utf8ToBytes } from '../../src/base/bytes.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import { UnlockersSchema, type AccountHandles, type Unlockers } from '../../src/protocol/account.ts'
import { failure, type Failure } from '../../src/protocol/failure.ts'
import type { AccountView } from '../../src/protocol/memory.ts'
import * as v from '../../src/protocol/schema.ts'
import type { Principal } from '../../src/protocol/views.ts'
import { ownerOf } from '../core/admit.ts'
import type { AccountKeysDep, AccountState } from '../ports/account-keys.ts'
import type { MemoryServer, RemoteRow } from '../ports/memory-server.ts'
import { parseJson } from './memory-records.ts'

const STORE = 'account'
const RECORD = 'unlockers'

export type Account = {
  view(principal: Principal): Promise<Result<AccountView, Failure>>
  adopt(principal: Principal, handles: AccountHandles): Promise<Result<AccountState, Failure>>
  /** A keyed digest that every device of the person makes alike; `null` while this device has only keys of its own. */
  digest(principal: Principal, text: string): Promise<string | null>
}

type Deps = AccountKeysDep & {
  readonly server: MemoryServer | null
  readonly online: () => boolean
  readonly device: () => string
  readonly token: (owner: Principal) => Promise<string | null>
}

type Known = { readonly rev: number; readonly unlockers: Unlockers }

/** A version byte before the text, so that the server's table takes it like an envelope. */
const frame = (unlockers: Unlockers): Uint8Array => concatBytes(Uint8Array.of(1), utf8ToBytes(canonical(unlockers)))

function knownOf(row: RemoteRow | null): Known | null {
  const parsed = row && v.safeParse(UnlockersSchema, parseJson(row.sealed.subarray(1)))
  return row && parsed?.success ? { rev: row.rev, unlockers: parsed.output } : null
}

const REFUSALS = {
  OTHER_ACCOUNT: 'these are the keys of another account',
  OLDER: 'these keys are older than the ones this device has',
  FORGED: 'these unlockers are not signed by the account',
  INVALID: 'these are no account keys',
  KEY_NULL: 'the keys could not be read back',
  CLONE_ERROR: 'the keys could not be kept (DataCloneError)',
  DB_UNOPENABLE: 'the keys could not be kept',
  NEWER: 'a later build of the app keeps the keys of this device',
} as const

export function createAccount({ account, server, online, device, token }: Deps): Account {
  async function ask<T>(
    principal: Principal,
    work: (server: MemoryServer, token: string) => Promise<Result<T, string>>,
  ): Promise<Result<T, Failure>> {
    if (!server) return err(failure('COMMAND_UNKNOWN', 'this worker was built without a server for memory'))
    if (!online()) return err(failure('OFFLINE_REFUSED', 'the account is kept by the server, which is out of reach'))
    const bearer = await token(principal)
    if (bearer === null) return err(failure('SIGNED_OUT', 'nobody is signed in'))
    const answer = await work(server, bearer)
    return answer.ok ? answer : err(failure('OFFLINE_REFUSED', `the server did not answer (${answer.error})`))
  }

  async function onServer(principal: Principal): Promise<Result<Known | null, Failure>> {
    const row = await ask(principal, (there, bearer) => there.read(principal.tenant, STORE, RECORD, bearer))
    if (!row.ok) return row
    const known = knownOf(row.value)
    return row.value && !known ? err(failure('RECORD_UNREADABLE', 'what the server keeps of this account cannot be read')) : ok(known)
  }

  async function publish(principal: Principal, unlockers: Unlockers, base: number): Promise<Result<null, Failure>> {
    const sealed = frame(unlockers)
    const answer = await ask(principal, (there, bearer) =>
      there.exchange(
        {
          tenant: principal.tenant,
          device: device(),
          since: Number.MAX_SAFE_INTEGER,
          push: [{ store: STORE, id: RECORD, base, gone: false, sealed }],
        },
        bearer,
      ),
    )
    if (!answer.ok) return answer
    const [said] = answer.value.pushed
    return said && 'rev' in said ? ok(null) : err(failure('CLAIMED_ELSEWHERE', 'another device was faster: unlock with what it set'))
  }

  return {
    async view(principal) {
      const state = await account.load(ownerOf(principal))
      if (!state.ok) return err(failure('CRYPTO_FAILED', `the memory's keys cannot be used (${state.error})`))
      const { generation } = state.value
      const known = server && online() ? await onServer(principal) : null
      if (!known?.ok) return ok({ state: generation > 0 ? 'open' : 'unknown', generation, unlockers: null })
      const there = known.value?.unlockers ?? null
      if (!there) return ok({ state: generation > 0 ? 'open' : 'none', generation, unlockers: null })
      return ok({ state: there.generation > generation ? 'locked' : 'open', generation: there.generation, unlockers: there })
    },

    async adopt(principal, handles) {
      const known = await onServer(principal)
      if (!known.ok) return known
      const there = known.value
      const mine = canonical(handles.unlockers)
      if (!there || canonical(there.unlockers) !== mine) {
        const isNext = handles.unlockers.generation === (there?.unlockers.generation ?? 0) + 1
        const goesOn = !there || canonical(handles.unlockers.signers.slice(0, -1)) === canonical(there.unlockers.signers)
        if (!isNext || !goesOn) return err(failure('CLAIMED_ELSEWHERE', 'the account was changed elsewhere: unlock with what was set there'))
        const published = await publish(principal, handles.unlockers, there?.rev ?? 0)
        if (!published.ok) return published
      }
      const adopted = await account.adopt(ownerOf(principal), handles)
      return adopted.ok ? adopted : err(failure('CRYPTO_FAILED', REFUSALS[adopted.error]))
    },

    async digest(principal, text) {
      const owner = ownerOf(principal)
      const state = await account.load(owner)
      return state.ok && state.value.generation > 0 ? account.name(owner, `digest\n${text}`) : null
    },
  }
}
