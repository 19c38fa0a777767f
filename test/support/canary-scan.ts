import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Characters that still depend on what stands before the text. */
const CORE_START = [0, 2, 3] as const

/** The part of a text's base64 that does not depend on its neighbours, when it begins `offset` bytes into a group of three. */
const base64Core = (text: string, offset: 0 | 1 | 2): string => {
  const padded = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)])
  const encoded = padded.toString('base64').replaceAll('=', '')
  return encoded.slice(CORE_START[offset], Math.floor((padded.length * 8) / 6))
}

const forms = (canary: string): readonly { readonly name: string; readonly bytes: Buffer }[] => [
  { name: 'UTF-8', bytes: Buffer.from(canary, 'utf8') },
  { name: 'UTF-16LE', bytes: Buffer.from(canary, 'utf16le') },
  ...([0, 1, 2] as const).flatMap((offset) => {
    const core = base64Core(canary, offset)
    return [
      { name: `base64+${offset}`, bytes: Buffer.from(core) },
      { name: `base64url+${offset}`, bytes: Buffer.from(core.replaceAll('+', '-').replaceAll('/', '_')) },
      { name: `base64+${offset} in UTF-16LE`, bytes: Buffer.from(core, 'utf16le') },
    ]
  }),
]

export type Finding = { readonly canary: string; readonly form: string; readonly file: string }

/** Every place under `folder` where a canary stands in the clear or in base64 at any alignment. Files that vanish meanwhile are passed over. */
export const scanForCanaries = async (folder: string, canaries: readonly string[]): Promise<readonly Finding[]> => {
  const wanted = canaries.flatMap((canary) => forms(canary).map((form) => ({ canary, ...form })))
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const findings: Finding[] = []
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    const bytes = await readFile(file).catch(() => null)
    if (bytes === null) continue
    for (const form of wanted) if (bytes.includes(form.bytes)) findings.push({ canary: form.canary, form: form.name, file })
  }
  return findings
}
