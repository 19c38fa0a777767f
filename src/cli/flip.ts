import { join, resolve } from 'node:path'
import { ask } from './ask.ts'
import type { Asked } from './ask.ts'
import type { Context } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { Fault } from './fault.ts'
import { signKillDocument } from './kill-sign.ts'

const FLAG = '/maestro-flag'
const TRIES = 5

export type Flip = { readonly action: string; readonly [name: string]: unknown }

/** The kill document in force. */
export const readFlag = async (context: Context): Promise<Asked> => ask(context.io, await context.target(), FLAG)

/**
 * Puts a document in force. What makes things stricter the server signs itself; what loosens them is signed here with the resume key,
 * `--resume-key` or the local stack's, when the server does not hold it.
 */
export const flip = async (context: Context, wanted: Flip): Promise<Asked> => {
  const target = await context.target()
  const put = (body: unknown) => ask(context.io, target, FLAG, { method: 'PUT', body, operator: true, also: [403, 409] })
  const named = context.text('resume-key')
  if (named === null) {
    const plain = await put(wanted)
    if (plain.status === 200) return plain
    if (plain.body['code'] !== 'RESUME_NEEDED')
      throw new Fault(plain.status === 409 ? EXIT.refused : EXIT.auth, String(plain.body['code']), String(plain.body['message']))
  }
  const keyPath = named === null ? join(target.dataDir, 'resume.key') : resolve(context.io.cwd, named)
  for (let tries = 0; tries < TRIES; tries += 1) {
    const { version } = (await readFlag(context)).body
    const answer = await put({ document: await signKillDocument(keyPath, { ...wanted, version: Number(version) + 1 }, context.io.now()) })
    if (answer.status === 200) return answer
    if (answer.status === 403) throw new Fault(EXIT.auth, String(answer.body['code']), String(answer.body['message']))
  }
  throw new Fault(EXIT.refused, 'VERSION_TAKEN', 'Other operators flip at this moment. Look at "maestro kill status" and repeat.')
}
