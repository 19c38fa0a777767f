import { execFileSync } from 'node:child_process'
import { mkdtemp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser } from '../support/browser.ts'

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
/** Packing, installing Vite into an empty folder and two builds, on a busy machine. */
const PREPARE_MS = 300_000

const APP = {
  '.env': 'VITE_MAESTRO_ENABLED=true\n',
  'index.html': '<!doctype html><title>A stranger’s app</title><script type="module" src="/src/page.ts"></script>\n',
  'src/page.ts': `import { MaestroClient } from 'maestro-sw'
import { defineMaestroApprovals } from 'maestro-sw/dialog'
defineMaestroApprovals()
const maestro = await MaestroClient.connect({ worker: '/sw.js' })
Object.assign(window, { maestro })
`,
  'src/sw.ts': `import { createMaestro, local } from 'maestro-sw/worker'
const params = {
  '~standard': {
    version: 1,
    vendor: 'stranger',
    validate: (value) => (typeof value?.text === 'string' ? { value: { text: value.text } } : { issues: [{ message: 'a text', path: ['text'] }] }),
  },
}
createMaestro({
  actions: {
    'shout.add': {
      version: 1,
      params,
      lane: { base: 'GREEN', because: 'it stays on this device' },
      effect: local(({ text }) => ({ shouted: String(text).toUpperCase() })),
    },
  },
})
`,
  'vite.config.js': `export default ({ mode }) =>
  mode === 'sw'
    ? { publicDir: false, build: { emptyOutDir: false, rolldownOptions: { input: 'src/sw.ts', output: { format: 'iife', entryFileNames: 'sw.js', codeSplitting: false } } } }
    : { build: { target: 'es2022' } }
`,
} as const

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }

let folder = ''
let app = ''

const npm = (cwd: string, ...args: readonly string[]): string =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maestro-pack-'))
  app = join(folder, 'app')
  npm(ROOT, 'pack', '--silent', '--pack-destination', folder)
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? ''
  const { devDependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { devDependencies: Record<string, string> }
  await mkdir(join(app, 'src'), { recursive: true })
  for (const [name, text] of Object.entries(APP)) await writeFile(join(app, name), text)
  const manifest = {
    name: 'stranger',
    private: true,
    type: 'module',
    dependencies: { 'maestro-sw': `file:../${tarball}` },
    devDependencies: { vite: devDependencies['vite'] },
  }
  await writeFile(join(app, 'package.json'), JSON.stringify(manifest))
  npm(app, 'install', '--prefer-offline', '--no-audit', '--no-fund', '--include=dev')
  for (const mode of ['production', 'sw'])
    execFileSync(process.execPath, [join(app, 'node_modules/vite/bin/vite.js'), 'build', '--mode', mode], { cwd: app, stdio: 'pipe' })
}, PREPARE_MS)

afterAll(() => rm(folder, { recursive: true, force: true }))

/** The app's built files on a port of their own; everything else is absent. */
const serve = async (): Promise<{ origin: string; close(): void }> => {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    const file = path === '/' ? 'index.html' : path.slice(1)
    readFile(join(app, 'dist', file)).then(
      (bytes) =>
        response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'cache-control': 'no-store' }).end(bytes),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  return { origin: `http://localhost:${(server.address() as AddressInfo).port}`, close: () => server.close() }
}

test('the packed package holds its code, its types, its licence and nothing of the demo', async () => {
  const installed = (await readdir(join(app, 'node_modules/maestro-sw'), { recursive: true })).map(String)
  expect(installed).toEqual(
    expect.arrayContaining(['LICENSE', 'README.md', 'dist/lib/src/client/index.js', 'dist/lib/src/client/index.d.ts', 'dist/lib/sw/boot/index.js']),
  )
  expect(installed.filter((path) => /(^|\/)(demo|test)(\/|$)|supabase\/(?!ops|migrations)/.test(path))).toEqual([])
})

test('the build of the worker is one file', async () => {
  const built = await readdir(join(app, 'dist'))
  expect(built).toContain('sw.js')
  expect(await readFile(join(app, 'dist/sw.js'), 'utf8')).not.toMatch(/\bimport\s*[({'"]/)
})

test('an app outside the repository registers the worker and executes an action', async () => {
  const server = await serve()
  try {
    const browser = await openBrowser()
    const page = await browser.visit(server.origin)
    const settled = await page.evaluate(async () => {
      const { maestro } = window as unknown as { maestro: { execute(action: string, params: object): Promise<{ settled: Promise<unknown> }> } }
      return [await (await maestro.execute('shout.add', { text: 'hello' })).settled, await (await maestro.execute('shout.add', { text: 7 })).settled]
    })
    expect(settled).toEqual([
      expect.objectContaining({ status: 'done', result: { shouted: 'HELLO' } }),
      expect.objectContaining({ status: 'refused', failure: expect.objectContaining({ code: 'PARAMS_INVALID', field: 'text' }) }),
    ])
  } finally {
    server.close()
  }
})
