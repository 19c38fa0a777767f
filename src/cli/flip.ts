import { join, resolve } from 'node:path'
import { covers } from '../../sw/runtime/killswitch-covers.ts'
import { ask } from './ask.ts'
import type { Asked } from './ask.ts'
import type { Context } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { Fault } from './fault.ts'
import { inForceIn, sayInForce } from './in-force.ts'
import type { InForce, KillTerms } from './in-force.ts'
import { signKillDocument } from './kill-sign.ts'

const FLAG = '/maestro-flag'
const TRIES = 5

export type Flip = KillTerms & { readonly reason?: string; readonly incident?: string }

/** The kill document in force. */
export const readFlag = async (context: Context): Promise<Asked> => ask(context.io, await context.target(), FLAG)

/** Whether nothing that is held now would run again. */
export const isStricter = (wanted: Flip, seen: InForce): boolean => covers(wanted, seen.terms)

const overtaken = (now: InForce): Fault =>
  new Fault(
    EXIT.refused,
    'VERSION_TAKEN',
    `Another document came first. ${sayInForce(now)} This would loosen it, and was not done: look, and decide again.`,
  )

const refusal = ({ status, body }: Asked): Fault => {
  const inForce = body['in_force']
  return typeof inForce === 'object' && inForce !== null
    ? overtaken(inForceIn(inForce as Record<string, unknown>))
    : new Fault(status === 409 ? EXIT.refused : EXIT.auth, String(body['code']), String(body['message']))
}

/**
 * Puts a document in force in the place of the one that was seen. What is at least as strict also replaces what others say meanwhile, as long as
 * it is as strict as that; what loosens replaces that version and no other. The server signs what it can; what loosens is signed here with the
 * resume key, `--resume-key` or the local stack's, when the server does not hold it.
 */
export const flip = async (context: Context, wanted: Flip, seen: InForce): Promise<Asked> => {
  const target = await context.target()
  const put = (body: unknown) => ask(context.io, target, FLAG, { method: 'PUT', body, operator: true, also: [403, 409] })
  const named = context.text('resume-key')
  if (named === null) {
    const plain = await put({ ...wanted, ...(isStricter(wanted, seen) ? { stricter: true } : { over: seen.version }) })
    if (plain.status === 200) return plain
    if (plain.body['code'] !== 'RESUME_NEEDED') throw refusal(plain)
  }
  const keyPath = named === null ? join(target.dataDir, 'resume.key') : resolve(context.io.cwd, named)
  let over = seen
  for (let tries = 0; tries < TRIES; tries += 1) {
    const answer = await put({ document: await signKillDocument(keyPath, { ...wanted, version: over.version + 1 }, context.io.now()) })
    if (answer.status === 200) return answer
    if (answer.status === 403) throw refusal(answer)
    over = inForceIn((await readFlag(context)).body)
    if (!isStricter(wanted, over)) throw overtaken(over)
  }
  throw new Fault(EXIT.refused, 'VERSION_TAKEN', 'Other operators flip at this moment. Look at "maestro kill status" and repeat.')
}
