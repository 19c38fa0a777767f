import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { describeProtocol } from '../../src/protocol/describe.ts'
import { PROTOCOL, VERSION } from '../../src/protocol/version.ts'
import { packageVersion } from './requirements.ts'
import { ROOT } from './source-files.ts'

const vector = join(ROOT, 'test', 'vectors', 'protocol', `v${PROTOCOL}.txt`)

/** A new number of the protocol writes its vector once, with `MAESTRO_WRITE_VECTORS=1`; a released one never changes. */
if (process.env['MAESTRO_WRITE_VECTORS'] === '1' && !existsSync(vector)) {
  mkdirSync(dirname(vector), { recursive: true })
  writeFileSync(vector, `${describeProtocol()}\n`)
}

test('a changed shape of the protocol needs a new protocol number', () => {
  expect(`${describeProtocol()}\n`).toBe(readFileSync(vector, 'utf8'))
})

test('the description names the commands and sees into their schemas', () => {
  const described = JSON.parse(describeProtocol()) as { protocol: number; commands: Record<string, unknown> }
  expect(described.protocol).toBe(PROTOCOL)
  expect(Object.keys(described.commands).length).toBeGreaterThan(10)
  expect(describeProtocol()).toContain('"strict_object"')
})

test('health answers the version of the package (REQ 1-54)', () => {
  expect(VERSION).toBe(packageVersion())
})
