import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'vite'
import { GUARD_ONNX, GUARD_WEIGHTS } from '../../src/guard/pins.ts'
import { MODELS } from '../bench/guard/shipped.ts'
import { buildBundle } from '../fitness/bundle-report.ts'
import { ROOT } from '../fitness/source-files.ts'

const FOLDER = 'test/browser/fixtures/infer'
/** A worker's own script says whether it may compile WebAssembly. */
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"

export type InferSite = {
  readonly origin: string
  /** What is answered in place of a file, by path; `null` for nothing but 404. */
  readonly instead: Map<string, Uint8Array | string | null>
  /** Paths asked for, oldest first. */
  readonly asked: string[]
  close(): Promise<void>
}

/** As `sw-infer.js` has to be built: one classic script, because `import.meta` of the runtime's bundle is no syntax there. */
async function classicScript(entry: string): Promise<string> {
  const built = await build({
    configFile: false,
    envFile: false,
    logLevel: 'error',
    root: ROOT,
    build: {
      write: false,
      target: 'es2022',
      modulePreload: false,
      reportCompressedSize: false,
      rolldownOptions: { input: join(ROOT, entry), output: { format: 'iife', entryFileNames: 'sw-infer.js', codeSplitting: false } },
    },
  })
  const files = [built].flat().flatMap((output) => ('output' in output ? output.output : []))
  return files.flatMap((file) => (file.type === 'chunk' ? [file.code] : [])).join('\n')
}

/** The app of `fixtures/infer` with its models, on an origin of its own. */
export async function startInferSite(): Promise<InferSite> {
  const wasm = createRequire(import.meta.url).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm')
  const [worker, page] = await Promise.all([classicScript(`${FOLDER}/worker.ts`), buildBundle(`${FOLDER}/page.ts`).then(({ text }) => text)])
  const onnx = await readFile(`${MODELS}${GUARD_ONNX.file}`)
  const files: Readonly<Record<string, readonly [string, Uint8Array | string]>> = {
    '/': ['text/html', '<!doctype html><title>models</title><script type="module" src="/page.js"></script>'],
    '/page.js': ['text/javascript', page ?? ''],
    '/sw-infer.js': ['text/javascript', worker ?? ''],
    '/ort-wasm-simd-threaded.wasm': ['application/wasm', await readFile(wasm)],
    [`/models/${GUARD_WEIGHTS.file}`]: ['application/octet-stream', await readFile(`${MODELS}${GUARD_WEIGHTS.file}`)],
    [`/models/${GUARD_ONNX.file}`]: ['application/octet-stream', onnx],
    '/models/page.onnx': ['text/html', '<!doctype html><title>sign in</title>'],
    '/models/cut.onnx': ['application/octet-stream', onnx.subarray(0, 9_000)],
  }
  const site: InferSite = { origin: '', instead: new Map(), asked: [], close: async () => undefined }
  const server = createServer((from, to) => {
    const path = new URL(from.url ?? '/', 'http://x').pathname
    site.asked.push(path)
    const file = files[path]
    const instead = site.instead.get(path)
    if (file === undefined || instead === null) return void to.writeHead(404, { 'content-type': 'text/plain' }).end('nothing here')
    to.writeHead(200, { 'content-type': file[0], 'cache-control': 'no-store', 'content-security-policy': POLICY }).end(instead ?? file[1])
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.closeAllConnections()
      server.close(() => resolve())
    })
  return Object.assign(site, { origin: `http://localhost:${(server.address() as AddressInfo).port}`, close })
}
