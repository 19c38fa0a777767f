import { basename } from 'node:path'
import { BaseSequencer } from 'vitest/node'
import type { TestSpecification } from 'vitest/node'

/** The longest files, begun first so that none of them runs alone at the end. A file that is missing here is only begun later. */
const LONGEST = [
  'hunt-kills',
  'firefox',
  'gate-signed',
  'gate-env',
  'bad-days',
  'raw',
  'ten-thousand',
  'undo',
  'bad-answers',
  'demo-memory',
  'memory',
  'hunt-versions',
  'hunt-batch',
  'dialog',
  'offline',
  'dialog-guards',
  'panel',
  'approvals',
  'hostile-messages',
  'hunt-devices',
  'storage-failures',
  'dialog-access',
  'console',
]
const PROJECTS = ['browser', 'db', 'quick', 'quick-alone', 'browser-alone']

const rank = ({ moduleId, project }: TestSpecification): number => {
  const at = LONGEST.indexOf(basename(moduleId, '.test.ts'))
  return PROJECTS.indexOf(project.name) * 1_000 + (project.name === 'browser' && at >= 0 ? at : LONGEST.length)
}

/** Browser files before the others, and the longest of them before all: short files fill what is left at the end. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b))
  }
}
