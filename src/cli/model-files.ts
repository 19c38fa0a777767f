import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { checkModels } from '../guard/check-onnx.ts'
import type { ModelFile } from '../guard/model-file.ts'

export type ModelFiles = { readonly files: readonly { readonly file: string; readonly bytes: number }[]; readonly faults: readonly string[] }

const MANIFEST = 'models.json'
const ManifestSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ models: v.array(v.object({ file: v.string(), sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)), bytes: v.number() })) }),
)

const readPins = async (folder: string): Promise<readonly ModelFile[]> => {
  const text = await readFile(join(folder, MANIFEST), 'utf8').catch(() => '')
  const parsed = v.safeParse(ManifestSchema, text)
  return parsed.success ? parsed.output.models : []
}

/** The models of a folder against the pins of its `models.json`: each whole, each the pinned one, none missing. Null when there are neither files nor pins. */
export const readModelFiles = async (folder: string): Promise<ModelFiles | null> => {
  const pins = await readPins(folder)
  const there = await readdir(folder).catch(() => [])
  const names = there.filter((name) => name.endsWith('.onnx') || pins.some(({ file }) => file === name)).toSorted()
  if (names.length === 0 && pins.length === 0) return null
  const contents = new Map(await Promise.all(names.map(async (name) => [name, new Uint8Array(await readFile(join(folder, name)))] as const)))
  return {
    files: [...contents].map(([file, bytes]) => ({ file, bytes: bytes.length })),
    faults: checkModels(contents, pins).map(({ trouble, message }) => `${message} [${trouble}]`),
  }
}
