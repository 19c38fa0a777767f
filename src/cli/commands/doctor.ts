import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { BUILD_CHECKS } from '../checks/build-checks.ts'
import { fail } from '../checks/check.ts'
import type { Check, Finding, Stage, Subject } from '../checks/check.ts'
import { MODEL_CHECK } from '../checks/model-check.ts'
import { PACKAGE_CHECKS } from '../checks/package-checks.ts'
import { SERVER_CHECKS } from '../checks/server-checks.ts'
import type { Command, Context } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { Fault } from '../fault.ts'

const CHECKS: readonly Check[] = [...BUILD_CHECKS, MODEL_CHECK, ...SERVER_CHECKS, ...PACKAGE_CHECKS]
const STAGES: readonly string[] = ['production', 'staging', 'local'] satisfies Stage[]

const buildOf = async (context: Context): Promise<Subject['build']> => {
  const path = context.text('build-env')
  if (path === null) return context.io.env
  const text = await readFile(resolve(context.io.cwd, path), 'utf8').catch(() => {
    throw new Fault(EXIT.usage, 'FILE_UNREADABLE', `${path} cannot be read.`)
  })
  return parseEnv(text)
}

const chosen = (only: string | null): readonly Check[] => {
  if (only === null) return CHECKS
  const names = only.split(',')
  const unknown = names.filter((name) => !CHECKS.some((check) => check.name === name))
  if (unknown.length > 0)
    throw new Fault(EXIT.usage, 'CHECK_UNKNOWN', `There is no check ${unknown.join(', ')}. There are: ${CHECKS.map(({ name }) => name).join(', ')}.`)
  return CHECKS.filter(({ name }) => names.includes(name))
}

/** A check that could not even be run has failed, and says why. */
const examine = async (check: Check, subject: Subject): Promise<Finding> =>
  check.run(subject).catch((error: unknown) => fail(error instanceof Fault ? `${error.message} [${error.code}]` : String(error)))

export const doctor: Command = {
  describe: 'The pre-deploy lists as checks, each with its word and why',
  flags: {
    stage: { type: 'string', description: 'production (default), staging or local', valueHint: 'stage' },
    // Not `env-file`: Node 20 takes that one for itself, wherever it stands.
    'build-env': { type: 'string', description: 'The build’s variables; the environment’s own when absent', valueHint: '.env.production' },
    models: { type: 'string', description: 'Folder of the models (public/models)', valueHint: 'path' },
    only: { type: 'string', description: 'These checks only', valueHint: 'name,name' },
  },
  examples: [
    'maestro doctor --build-env .env.production --url https://YOUR-PROJECT.supabase.co --key-file operator.key',
    'maestro doctor --stage staging',
    'maestro doctor --only flag,url,models --json   # needs no server',
  ],
  async run(context) {
    const stage = context.text('stage') ?? 'production'
    if (!STAGES.includes(stage)) throw new Fault(EXIT.usage, 'STAGE_UNKNOWN', `"${stage}" is none of ${STAGES.join(', ')}.`)
    const subject: Subject = { context, stage: stage as Stage, build: await buildOf(context) }
    const checks: (Finding & { readonly name: string; readonly rows: readonly string[]; readonly asks: string })[] = []
    for (const check of chosen(context.text('only')))
      checks.push({ name: check.name, rows: check.rows, asks: check.asks, ...(await examine(check, subject)) })
    const has = (verdict: Finding['verdict']) => checks.some((one) => one.verdict === verdict)
    return {
      data: { stage, ok: !has('fail'), checks },
      lines: checks.map((one) => `${one.verdict.padEnd(4)}  ${one.name}: ${one.asks}\n      ${one.why}`),
      exit: has('fail') ? EXIT.red : has('warn') ? EXIT.degraded : EXIT.green,
    }
  },
}
