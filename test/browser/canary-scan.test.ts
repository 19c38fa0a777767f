import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { scanForCanaries } from '../support/canary-scan.ts'

test('the search finds a canary in every form it promises, at every alignment, and nothing that is not there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-scan-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const canary = 'canary-7f3a9c2e5b'
  const forms = {
    plain: Buffer.from(`before${canary}after`),
    wide: Buffer.from(`before${canary}after`, 'utf16le'),
    zero: Buffer.from(Buffer.from(`abc${canary}xyz`).toString('base64')),
    one: Buffer.from(Buffer.from(`abcd${canary}x`).toString('base64url')),
    two: Buffer.from(Buffer.from(`abcde${canary}`).toString('base64')),
  }
  for (const [name, bytes] of Object.entries(forms)) await writeFile(join(folder, name), bytes)
  const findings = await scanForCanaries(folder, [canary])
  expect(new Set(findings.map(({ file }) => file))).toEqual(new Set(Object.keys(forms).map((name) => join(folder, name))))
  expect(await scanForCanaries(folder, ['canary-7f3b9c2e5b'])).toEqual([])
})
