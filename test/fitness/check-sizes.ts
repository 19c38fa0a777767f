/** `npm run check:sizes`: each publishable entry against its budget and its forbidden names. */
import { BUNDLES, buildBundle, bundleFaults } from './bundle-report.ts'

const faults: string[] = []
for (const bundle of BUNDLES) {
  const built = await buildBundle(bundle.entry, bundle.later)
  console.log(`${bundle.name.padEnd(26)} ${String(built.bytes).padStart(6)} of ${bundle.budgetKb * 1_000} bytes, gzip`)
  faults.push(...bundleFaults(bundle, built))
}
for (const fault of faults) console.error(fault)
process.exitCode = faults.length === 0 ? 0 : 1
