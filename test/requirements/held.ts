import { idsIn } from './rows.ts'

export type TestResult = { readonly file: string; readonly title: string; readonly status: string }

export type Row = { readonly id: string; readonly tests: readonly TestResult[]; readonly held: boolean; readonly reason: string | null }

/** The tests of a Vitest JSON report. */
export const testsOf = (report: unknown): readonly TestResult[] => {
  const { testResults } = report as {
    testResults: readonly { name: string; assertionResults: readonly { fullName: string; status: string }[] }[]
  }
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ fullName, status }) => ({ file: name.replace(/^.*\/(test\/.*)$/, '$1'), title: fullName, status })),
  )
}

/** A row is held when a test that names it passed, and none that names it failed. */
export const judgeRows = (ids: readonly string[], results: readonly TestResult[], reasons: Readonly<Record<string, string>>): readonly Row[] => {
  const byId = new Map<string, TestResult[]>()
  for (const result of results) for (const id of idsIn(result.title)) byId.set(id, [...(byId.get(id) ?? []), result])
  return ids.map((id) => {
    const tests = byId.get(id) ?? []
    const held = tests.some(({ status }) => status === 'passed') && tests.every(({ status }) => status !== 'failed')
    return { id, tests, held, reason: reasons[id] ?? null }
  })
}
