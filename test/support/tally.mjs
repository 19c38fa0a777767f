import { readFileSync } from 'node:fs'

/**
 * Counts one run from Vitest's JSON report. A file that could not be loaded is one failure; so is a run that ended badly
 * (an unhandled error, a crash, no report) although no test failed.
 * @param {string} report path of the JSON report
 * @param {number} exitCode of the Vitest process
 * @returns {{ passed: number, failed: number }}
 */
export const tally = (report, exitCode) => {
  let data
  try {
    data = JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    return { passed: 0, failed: 1 }
  }
  const tests = data.testResults.flatMap((file) => file.assertionResults)
  const passed = tests.filter((entry) => entry.status === 'passed').length
  const failedTests = tests.filter((entry) => entry.status === 'failed').length
  const brokenFiles = data.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((entry) => entry.status === 'failed'),
  ).length
  const failed = failedTests + brokenFiles
  return { passed, failed: failed === 0 && exitCode !== 0 ? 1 : failed }
}
