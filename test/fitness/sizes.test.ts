import { expect, test } from 'vitest'
import { buildBundle, bundleFaults } from './bundle-report.ts'
import type { Bundle } from './bundle-report.ts'

const bundle: Bundle = { name: 'proxy', entry: 'x', budgetKb: 1, forbidden: ['maestro_secrets'] }
const text = 'a'.repeat(1_000)

test('the names that are looked for do exist on their own side', async () => {
  const worker = await buildBundle('sw/boot/index.ts')
  for (const name of ['maestro_secrets', 'maestro_ledger', 'inDirectory']) expect(worker.text).toContain(name)
  const dialog = await buildBundle('src/dialog/index.ts')
  for (const name of ['customElements', 'HTMLElement', 'showModal']) expect(dialog.text).toContain(name)
})

test('a small and clean bundle is accepted', () => {
  expect(bundleFaults(bundle, { bytes: 1_000, text })).toEqual([])
})

test.each([
  ['too large', { bytes: 1_001, text }, '1001 bytes'],
  ['empty', { bytes: 20, text: '' }, 'empty'],
  ['leaking', { bytes: 900, text: `${text}maestro_secrets` }, 'maestro_secrets'],
])('a bundle that is %s is refused', (_, built, said) => {
  expect(bundleFaults(bundle, built).join()).toContain(said)
})
