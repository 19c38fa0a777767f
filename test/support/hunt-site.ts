import { buildBundle } from '../fitness/bundle-report.ts'

const FOLDER = 'test/browser/fixtures/hunt'
const built = new Map<string, Promise<string>>()

/** A fixture's script, built once a process from the code as it stands. */
const script = (name: string): Promise<string> => {
  const there = built.get(name) ?? buildBundle(`${FOLDER}/${name}.ts`).then(({ text }) => text)
  built.set(name, there)
  return there
}

export type WorkerBuild = 'worker' | 'worker-newer' | 'worker-older'

/** What an app of this build deploys. */
export const huntSite = async (worker: WorkerBuild = 'worker'): Promise<{ readonly worker: string; readonly page: string }> => ({
  worker: await script(worker),
  page: await script('page'),
})
