import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sample } from './texts/own-texts.ts'

/** A line of a data file that is no row; `line` counts from 1. */
export class BadLine extends Error {
  readonly code = 'GUARD_DATA_LINE'
  readonly file: string
  readonly line: number
  constructor(file: string, line: number, why: string) {
    super(`${file}, line ${line}: ${why}`)
    this.file = file
    this.line = line
  }
}

export type Row = Sample & { readonly trainable: boolean }

function rowOf(value: unknown, wrong: (why: string) => BadLine): Row {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('no JSON object')
  const { text, label, source, kind, train_ok: trainable } = value as Record<string, unknown>
  if (typeof text !== 'string') throw wrong('"text" is no string')
  if (label !== 0 && label !== 1) throw wrong('"label" is neither 0 nor 1')
  if (source !== undefined && typeof source !== 'string') throw wrong('"source" is no string')
  return { text, label, source: source ?? 'unnamed', kind: typeof kind === 'string' ? kind : '', trainable: trainable === true }
}

/** Rows of JSON lines: `text`, `label` 1 (attack) or 0, `source`, optional `kind` and `train_ok`. Blank lines are skipped. @throws BadLine */
export function parseRows(content: string, file: string): Row[] {
  return content.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return []
    const wrong = (why: string): BadLine => new BadLine(file, i + 1, why)
    try {
      return [rowOf(JSON.parse(line.replace(/^\ufeff/, '')), wrong)]
    } catch (error) {
      throw error instanceof BadLine ? error : wrong('no JSON')
    }
  })
}

/** Every `.jsonl` in a folder or in its folder `text`, in the order of their names. */
export async function readFolder(folder: string): Promise<Row[]> {
  const names = async (at: string): Promise<string[]> => {
    const found = await readdir(at).catch(() => [] as string[])
    return found
      .filter((name) => name.endsWith('.jsonl'))
      .sort()
      .map((name) => join(at, name))
  }
  const files = [...(await names(folder)), ...(await names(join(folder, 'text')))]
  if (files.length === 0) throw new Error(`no .jsonl files in ${folder}: give the folder of the data with --data`)
  return (await Promise.all(files.map(async (file) => parseRows(await readFile(file, 'utf8'), file)))).flat()
}
