import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { compareWithRemembered } from '../../src/cli/remembered-heads.ts'

const chain = (seq: number, hash = 'a') => ({ head: { seq, hash }, entries: [] })

const place = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-heads-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'audit-heads.json')
}

test('a head is remembered where there was none, and one that went back is told', async () => {
  const file = await place()
  expect(await compareWithRemembered(file, 'server demo', chain(5))).toBeNull()
  expect(await compareWithRemembered(file, 'server demo', chain(6))).toBeNull()
  expect(await compareWithRemembered(file, 'server demo', chain(5))).toContain('rolled back')
  expect(await compareWithRemembered(file, 'server other', chain(1))).toBeNull()
})

test.each([
  ['cut short', '{"server demo":{"seq":5,"ha'],
  ['empty', ''],
  ['of another shape', '{"server demo":5}'],
  ['a list', '[]'],
])('what was remembered and is %s is a fault, and is not written over', async (_, text) => {
  const file = await place()
  await writeFile(file, text)
  await expect(compareWithRemembered(file, 'server demo', chain(1))).rejects.toMatchObject({ name: 'Fault', code: 'HEADS_DAMAGED', exit: 1 })
  expect(await readFile(file, 'utf8')).toBe(text)
})

test('what was remembered and cannot be read is a fault', async () => {
  const file = await place()
  await mkdir(file)
  await expect(compareWithRemembered(file, 'server demo', chain(1))).rejects.toMatchObject({ code: 'HEADS_DAMAGED' })
})
