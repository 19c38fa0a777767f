import type { Step } from './playbook.ts'

export type StepReport = { readonly say: string; readonly run?: string; readonly exit?: number; readonly ok: boolean | null }

/** A `maestro` command of a playbook as arguments: words, and "double quoted" ones. */
export const wordsOf = (line: string): readonly string[] =>
  Array.from(line.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, plain]) => quoted ?? plain ?? '').slice(1)

/** The tenant's place in a command: filled in, or left out with its flag, which is enough where there is one tenant only. */
const forTenant = (line: string, tenant: string | null): readonly string[] =>
  wordsOf(line).flatMap((word, index, words) => {
    if (tenant === null && (word === 'TENANT' || words[index + 1] === 'TENANT')) return []
    return word === 'TENANT' ? (tenant ?? []) : word
  })

/** Runs a phase's commands one after the other and stops at the first wrong exit; `ok` is null for what only a person or a page can do. */
export const runSteps = async (
  steps: readonly Step[],
  execute: (words: readonly string[]) => Promise<number>,
  tenant: string | null = null,
): Promise<readonly StepReport[]> => {
  const reports: StepReport[] = []
  for (const step of steps) {
    if (!('run' in step)) {
      reports.push({ say: step.say, ok: null })
      continue
    }
    const exit = await execute(forTenant(step.run, tenant))
    const ok = step.exits.includes(exit)
    reports.push({ say: step.say, run: step.run, exit, ok })
    if (!ok) break
  }
  return reports
}
