import type { Demo } from './start-demo.ts'

/** Flips the remote flag as an operator does, and gives the new document's version. */
export const flip = async (demo: Pick<Demo, 'origin' | 'adminToken'>, action: 'kill' | 'run'): Promise<number> => {
  const answer = await fetch(`${demo.origin}/functions/v1/maestro-flag`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${await demo.adminToken()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ action }),
  })
  if (!answer.ok) throw new Error(`the flag answered ${answer.status}`)
  return ((await answer.json()) as { readonly version: number }).version
}
