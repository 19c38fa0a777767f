import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { clusterHome } from '../../supabase/local/postgres/home.ts'
import { startStack } from '../../supabase/local/stack.ts'
import { removeData } from './support/template.ts'
import { START_MS } from './support/test-stack.ts'

const isRoot = process.getuid?.() === 0
const NOBODY = { uid: 65_534, gid: 65_534 }
const PROGRAM = fileURLToPath(new URL('./support/stack-process.ts', import.meta.url))
const used: string[] = []
const children = new Set<ChildProcess>()

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  children.clear()
  for (const folder of used.splice(0)) {
    await removeData(folder)
    await rm(join(folder, '..'), { recursive: true, force: true })
  }
}, START_MS)

/** `mode` is that of the parent folder: 0700 closes everything below to others. */
const freshData = async (mode: number): Promise<string> => {
  const parent = await mkdtemp(join(tmpdir(), 'maestro-life-'))
  await chmod(parent, mode)
  const dataDir = join(parent, 'data')
  used.push(dataDir)
  return dataDir
}

const start = (dataDir: string) => startStack({ dataDir, enabled: true, version: '1.0.0' })

/** A stack in a process of its own, once it has said `ready`. */
const startProcess = async (dataDir: string, as: { uid?: number; gid?: number } = {}): Promise<ChildProcess> => {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, dataDir], { ...as, stdio: ['ignore', 'pipe', 'pipe'] })
  children.add(child)
  let said = ''
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (part: Buffer) => {
      if (String(part).includes('ready')) resolve()
    })
    child.stderr?.on('data', (part: Buffer) => {
      said += String(part)
    })
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${said}`)))
  })
  return child
}

const end = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  await gone
  children.delete(child)
}

test.runIf(isRoot)(
  'as root in a closed folder, the cluster lives in a private folder under /var/tmp and is found again',
  async () => {
    const dataDir = await freshData(0o700)
    const first = await start(dataDir)
    await first.sql`create table probe (id int)`
    const home = (await readFile(join(dataDir, 'postgres-home'), 'utf8')).trim()
    const folder = await stat(home)
    expect(home).toMatch(/^\/var\/tmp\/maestro-/)
    expect([folder.mode & 0o777, folder.uid === 0]).toEqual([0o700, false])
    await first.stop()
    const second = await start(dataDir)
    expect(await second.sql`select from probe`).toHaveLength(0)
    expect(second.adminToken).toBe(first.adminToken)
    await second.stop()
  },
  START_MS,
)

test.runIf(isRoot)('as root, a recorded folder that others may enter, or that is another user’s, is not trusted', async () => {
  const dataDir = await freshData(0o700)
  await mkdir(dataDir)
  const user = { uid: 65_534, gid: 65_534 }
  const recorded = async () => (await readFile(join(dataDir, 'postgres-home'), 'utf8')).trim()
  const ours = await clusterHome(dataDir, user, () => undefined)
  expect(await clusterHome(dataDir, user, () => undefined)).toBe(ours)
  await chmod(ours, 0o777)
  const second = await clusterHome(dataDir, user, () => undefined)
  expect([second === ours, await recorded()]).toEqual([false, second])
  await chown(second, 0, 0)
  const third = await clusterHome(dataDir, user, () => undefined)
  expect([third === second, await recorded()]).toEqual([false, third])
  for (const folder of [ours, second, third]) await rm(folder, { recursive: true })
})

describe('on one cluster in an open folder', () => {
  let parent: string
  let dataDir: string

  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), 'maestro-life-'))
    await chmod(parent, 0o755)
    dataDir = join(parent, 'data')
  })
  afterAll(() => rm(parent, { recursive: true, force: true }))

  const pidFile = () => join(dataDir, 'postgres', 'data', 'postmaster.pid')

  test(
    'the server syncs to disk, checks pages, wants passwords, listens to no network, and its files are closed to others',
    async () => {
      const stack = await start(dataDir)
      const rows = await stack.sql`select name, setting from pg_settings
      where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums', 'listen_addresses')`
      const settings = Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))
      expect(settings).toEqual({ data_checksums: 'on', fsync: 'on', full_page_writes: 'on', listen_addresses: '', synchronous_commit: 'on' })
      const lines = await stack.sql`select distinct auth_method from pg_hba_file_rules`
      expect(lines.map((line) => line['auth_method'])).toEqual(['scram-sha-256'])
      expect((await stat(join(dataDir, 'postgres'))).mode & 0o777).toBe(0o700)
      await expect(stat(join(dataDir, 'postgres-home'))).rejects.toMatchObject({ code: 'ENOENT' })
      await stack.stop()
    },
    START_MS,
  )

  test(
    'a second stack on the same folder is refused and the first goes on',
    async () => {
      const stack = await start(dataDir)
      await expect(start(dataDir)).rejects.toThrow('Another MAESTRO stack')
      expect(await stack.sql`select 1 as one`).toHaveLength(1)
      await stack.stop()
    },
    START_MS,
  )

  test(
    'SIGTERM stops stack and server, and what was stored is there when it starts again',
    async () => {
      const child = await startProcess(dataDir)
      await stat(pidFile())
      await end(child, 'SIGTERM')
      await expect(stat(pidFile())).rejects.toMatchObject({ code: 'ENOENT' })
      const stack = await start(dataDir)
      expect(await stack.sql`select from probe`).toHaveLength(1)
      await stack.stop()
    },
    START_MS,
  )

  test(
    'after a SIGKILL of the stack its server is taken over',
    async () => {
      await end(await startProcess(dataDir), 'SIGKILL')
      const server = await readFile(pidFile(), 'utf8')
      const stack = await start(dataDir)
      expect(await stack.sql`select from probe`).toHaveLength(1)
      expect(await readFile(pidFile(), 'utf8')).toBe(server)
      await stack.stop()
      await expect(stat(pidFile())).rejects.toMatchObject({ code: 'ENOENT' })
    },
    START_MS,
  )

  test(
    'after a SIGKILL of stack and server the data is there, whatever program has the server’s number now',
    async () => {
      await end(await startProcess(dataDir), 'SIGKILL')
      process.kill(Number.parseInt(await readFile(pidFile(), 'utf8'), 10), 'SIGKILL')
      const recovered = await start(dataDir)
      expect(await recovered.sql`select from probe`).toHaveLength(1)
      await recovered.stop()
      await writeFile(pidFile(), `${process.pid}\n`)
      const reused = await start(dataDir)
      expect(await reused.sql`select from probe`).toHaveLength(1)
      await reused.stop()
    },
    START_MS,
  )
})

test.runIf(isRoot)(
  'it starts without root',
  async () => {
    const dataDir = await freshData(0o755)
    await mkdir(dataDir)
    await chown(dataDir, NOBODY.uid, NOBODY.gid)
    const child = await startProcess(dataDir, NOBODY)
    expect((await stat(join(dataDir, 'postgres'))).uid).toBe(NOBODY.uid)
    await end(child, 'SIGTERM')
  },
  START_MS,
)

test(
  'it starts with the embedded programs, and a cluster of another major version is refused with a sentence',
  async () => {
    const dataDir = await freshData(0o755)
    process.env['MAESTRO_POSTGRES'] = 'embedded'
    try {
      const stack = await start(dataDir)
      const [row] = await stack.sql`select current_setting('server_version_num')::int / 10000 as major`
      expect(row?.['major']).toBeGreaterThanOrEqual(18)
      await stack.stop()
      await writeFile(join(dataDir, 'postgres', 'data', 'PG_VERSION'), '9\n')
      await expect(start(dataDir)).rejects.toThrow('needs PostgreSQL 9')
    } finally {
      delete process.env['MAESTRO_POSTGRES']
    }
  },
  START_MS,
)
