/**
 * Consent that a back end can check: approvals of what matters are verified by passkey, and requests carry a signed receipt.
 *
 * P1 An approval of an action that asks for verification is refused without an assertion over exactly its digest, and what was approved without one
 *    does not run, whoever wrote it to the disk.
 * P2 A script in the page can reach everything here, the device's key included; it cannot make an assertion without the person. So what matters is
 *    checked by the back end again, by the server's certificates alone.
 * P3 Nothing here asks the server before something needs it.
 */
import { toJson } from '../../src/base/to-json.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import { judge } from '../../src/policy/judge.ts'
import { failure, type Failure } from '../../src/protocol/failure.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import * as v from '../../src/protocol/schema.ts'
import type { Principal } from '../../src/protocol/views.ts'
import { actionOf } from '../core/action-of.ts'
import { ownerPrincipal, type ReceiptRecord } from '../core/receipt-record.ts'
import type { ActionDeclaration } from '../ports/action.ts'
import type { DeviceSigner } from '../ports/device-signer.ts'
import type { CertifiedPasskeys, PasskeyFailure, PasskeyServer, ServerKey } from '../ports/passkey-server.ts'
import type { Signatures } from '../ports/signatures.ts'
import type { Kit, KitHost } from './kit.ts'
import { attest } from './passkeys-attest.ts'
import { createDeviceCertificates } from './passkeys-device.ts'
import { EvidenceSchema, takeEvidence } from './passkeys-evidence.ts'
import { createKeptPasskeys } from './passkeys-kept.ts'

export type PasskeysDeps = {
  readonly server: PasskeyServer
  readonly signer: DeviceSigner
  readonly signatures: Signatures
  /** The server's keys, where they are built in; learned from the server otherwise. */
  readonly pinned: readonly ServerKey[] | null
}

const ALWAYS = new Set<ActionDeclaration['does']>([undefined, 'money', 'destroy', 'account'])

/** Whether an approval of this call needs the person to prove who they are. */
function mustVerify({ verify, does }: ActionDeclaration, { call }: Pick<ReceiptRecord, 'call'>, { directories }: KitHost): boolean {
  if (verify === undefined) return ALWAYS.has(does)
  if (typeof verify === 'string') return verify === 'always'
  const rules = { base: 'GREEN', because: '', rules: [{ id: 'verify', when: verify, lane: 'RED', because: '' }] } as const
  return judge(rules, call.params, call.agent, directories).lane === 'RED'
}

/** The assertion that an approval was taken with. */
function givenBy({ approved }: ReceiptRecord): unknown {
  const evidence = v.safeParse(EvidenceSchema, approved?.evidence)
  if (!evidence.success) return undefined
  const { certificate: _shown, ...assertion } = evidence.output
  return assertion
}

const EnrolSchema = v.strictObject({ enrolment: v.unknown() })

export const createPasskeys =
  ({ server, signer, signatures, pinned }: PasskeysDeps): Kit =>
  (host) => {
    const kept = createKeptPasskeys({ ...host, signatures, pinned })
    const devices = createDeviceCertificates({ ...host, signer, kept, server })
    const rp = new URL(host.origin).hostname
    const proofs = { kept, signatures, rp }
    const asked = new Set<string>()

    const declaredOf = ({ call }: ReceiptRecord): ActionDeclaration | undefined => actionOf(host.actions, call.action)
    /** What nobody declares any more is as bad as can be. */
    const verifies = (record: ReceiptRecord): boolean => {
      const declared = declaredOf(record)
      return !declared || mustVerify(declared, record, host)
    }

    /** Asks the server which passkeys the person has; what is kept stays when it does not answer. */
    async function refresh(principal: Principal): Promise<Result<CertifiedPasskeys, PasskeyFailure>> {
      const token = await host.token(principal)
      if (token === null) return err({ kind: 'unreachable', code: 'SIGNED_OUT' })
      const said = await server.passkeys(token)
      if (said.ok) {
        await kept.keep(principal, said.value)
        host.changed()
      }
      return said
    }

    /** Once for each person and worker, when something of theirs first asks for a passkey. */
    function prepare(record: ReceiptRecord): void {
      const principal = ownerPrincipal(record)
      const name = JSON.stringify(principal)
      if (asked.has(name) || !host.network.online()) return
      asked.add(name)
      void kept
        .load(principal)
        .then(() => refresh(principal))
        .then((said) => (said.ok ? undefined : asked.delete(name)))
        .catch(() => asked.delete(name))
    }

    const list = async (): Promise<Result<unknown, Failure>> => {
      const principal = host.principal()
      if (!principal) return err(failure('SIGNED_OUT', 'nobody is signed in'))
      if (host.network.online()) await refresh(principal)
      await kept.load(principal)
      return ok({ rp, tenant: principal.tenant, user: principal.user, passkeys: kept.known(principal).map(({ id }) => id) })
    }

    async function enrol(enrolment: unknown): Promise<Result<unknown, Failure>> {
      const principal = host.principal()
      const token = principal && (await host.token(principal))
      if (!principal || !token) return err(failure('SIGNED_OUT', 'sign in to add a passkey'))
      const json = toJson(enrolment, LIMITS.paramsDepthMax)
      if (!json.ok) return err(failure('COMMAND_INVALID', 'this is no passkey'))
      const said = await server.enrol(json.value, token)
      if (!said.ok) {
        const isProofMissing = said.error.code === 'PROOF_NEEDED'
        return err(
          failure(
            said.error.kind === 'unreachable' ? 'EFFECT_UNAVAILABLE' : isProofMissing ? 'AUTH_FAILED' : 'PASSKEY_REFUSED',
            ENROL[said.error.code] ?? 'the server took no passkey',
          ),
        )
      }
      await kept.keep(principal, said.value)
      host.changed()
      return list()
    }

    return {
      commands: {
        passkeys: { args: v.strictObject({}), run: list },
        passkeyEnrol: { args: EnrolSchema, run: ({ enrolment }: v.InferOutput<typeof EnrolSchema>) => enrol(enrolment) },
      },
      async judge({ intent: { params, agent, action }, declared, principal }) {
        // Where nobody would be asked nobody could prove anything; only what the app itself says of this action asks more.
        if (declared.verify === undefined || declared.verify === 'never') return null
        const call = { params, agent, action, tenant: principal.tenant, principal: principal.user } as ReceiptRecord['call']
        return mustVerify(declared, { call }, host) ? { lane: 'RED', reasons: ['you are asked to prove that it is you'] } : null
      },
      approve: async (record, evidence) => (verifies(record) ? takeEvidence(proofs, record, evidence, host.time.now()) : ok(null)),
      async recheck(record) {
        const declared = declaredOf(record)
        // Where the app itself says so everybody was asked: a receipt that denies it was not stamped like that here.
        const isAsked = record.asks || (declared?.verify !== undefined && declared.mode !== 'observe')
        if (!isAsked || !verifies(record)) return null
        const check = () => takeEvidence(proofs, record, givenBy(record), record.call.issued)
        const taken = await check()
        if (taken.ok) return null
        const principal = ownerPrincipal(record)
        if (givenBy(record) === undefined || kept.known(principal).length > 0) return taken.error
        // A certificate that was lost here is asked for again; nothing runs on an assertion that nobody could verify.
        const said = host.network.online() ? await refresh(principal) : null
        if (!said?.ok && said?.error.kind !== 'refused') return 'wait'
        const again = await check()
        return again.ok ? null : again.error
      },
      async attest(record) {
        const declared = declaredOf(record)
        if (declared?.effect.kind !== 'http' || (record.approved === null && !ALWAYS.has(declared.does))) return undefined
        return attest(record, await devices.get(ownerPrincipal(record)), signer, host.time.now())
      },
      present(view, record) {
        if (!verifies(record)) return view
        prepare(record)
        const passkeys = kept.known(ownerPrincipal(record)).filter((passkey) => passkey.rp === rp)
        return { ...view, verify: { passkeys: passkeys.map(({ id }) => id) } }
      },
    }
  }

/** What a person is told, by the server's code. */
const ENROL: Readonly<Record<string, string>> = {
  PROOF_NEEDED: 'adding a passkey needs your password or a passkey that you have',
  PASSKEY_INVALID: 'this passkey was not made for this site',
  PASSKEY_REFUSED: 'this passkey cannot be added',
  UNREACHABLE: 'a passkey can only be added while the server can be reached',
}
