import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { unlockDocument } from '../../src/memory/unlock-document.ts'
import { buildBundle } from '../fitness/bundle-report.ts'

const FOLDER = 'test/browser/fixtures/memory'

export type MemorySite = {
  readonly origin: string
  /** While true, nothing of the back end answers. */
  cut: boolean
  /** Runs in the worker before anything of ours. */
  prelude: string
  close(): Promise<void>
}

/** The memory app on an origin of its own; sign-in and functions are those of a running demo. */
export const startMemorySite = async (demoOrigin: string): Promise<MemorySite> => {
  const [worker, page, unlock] = await Promise.all(
    [`${FOLDER}/worker.ts`, `${FOLDER}/page.ts`, 'src/memory/unlock/main.ts'].map(async (entry) => (await buildBundle(entry)).text),
  )
  const { html, headers } = await unlockDocument(unlock ?? '')
  const plain = { 'cache-control': 'no-store' }
  const files: Readonly<Record<string, readonly [string, Readonly<Record<string, string>>]>> = {
    '/': [
      '<!doctype html><title>memory</title><main id="mount"></main><script type="module" src="/page.js"></script>',
      { ...plain, 'content-type': 'text/html' },
    ],
    '/favicon.ico': ['', plain],
    '/page.js': [page ?? '', { ...plain, 'content-type': 'text/javascript' }],
    '/sw.js': [worker ?? '', { ...plain, 'content-type': 'text/javascript' }],
    '/maestro-unlock.html': [html, headers],
  }
  const demo = new URL(demoOrigin)
  const site = { origin: '', cut: false, prelude: '', close: async (): Promise<void> => undefined }
  const server = createServer((from, to) => {
    const file = files[new URL(from.url ?? '/', 'http://x').pathname]
    if (file) return void to.writeHead(200, file[1]).end(from.url === '/sw.js' ? `${site.prelude}\n${file[0]}` : file[0])
    if (site.cut) return void to.destroy()
    const onward = request(
      { host: demo.hostname, port: demo.port, method: from.method, path: from.url, headers: { ...from.headers, host: demo.host } },
      (answer) => {
        to.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(to)
      },
    )
    onward.once('error', () => to.destroy())
    from.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  site.origin = `http://localhost:${(server.address() as AddressInfo).port}`
  site.close = () =>
    new Promise((resolve) => {
      server.closeAllConnections()
      server.close(() => resolve())
    })
  return site
}
