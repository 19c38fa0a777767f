import type { Maestro } from '../client/api.ts'
import type { ApprovalView } from '../protocol/views.ts'
import type { Verdict } from './controller.ts'

const UNPROVEN = 'Nothing was approved: '

/**
 * Hands one decision to the worker, after asking for the passkey that an approval with `verify` needs. Resolves with what went wrong, in
 * words, or `null`. Never rejects. Without evidence nothing is approved.
 */
export const handOver = async (
  maestro: Pick<Maestro, 'decide'>,
  prove: ((approval: ApprovalView) => Promise<unknown>) | undefined,
  approval: ApprovalView,
  verdict: Verdict,
): Promise<string | null> => {
  const { id, digest, verify } = approval
  const decision = { id, digest, verdict }
  const needed = verdict === 'approve' && verify !== undefined
  if (needed && prove === undefined) return `${UNPROVEN}this needs a passkey, and this page cannot ask for one.`
  try {
    const evidence = needed ? await prove?.(approval).catch(() => null) : undefined
    if (needed && (evidence === null || evidence === undefined || evidence === false)) return `${UNPROVEN}you did not confirm with your passkey.`
    return (await maestro.decide(needed ? { ...decision, evidence } : decision))?.message ?? null
  } catch {
    return 'Not delivered. Please try again.'
  }
}
