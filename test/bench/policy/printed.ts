import type { Json, JsonObject } from '../../../src/base/json.ts'

const KEY = /^([A-Za-z_][\w-]*):(?: (.*))?$/

const scalar = (written: string): Json => {
  const quoted = /^(["'])(.*)\1$/.exec(written)
  if (quoted) return quoted[2] ?? ''
  return /^-?\d+(\.\d+)?$/.test(written) ? Number(written) : written
}

/** The fields at the first level of one printed block; deeper lines belong to the field above them. Items of a list directly below a field are its value. */
function fieldsOf(lines: readonly string[]): JsonObject | null {
  const fields: Record<string, Json> = {}
  let last = ''
  for (const line of lines) {
    const found = KEY.exec(line)
    if (found) {
      last = found[1] ?? ''
      fields[last] = scalar(found[2] ?? '')
    } else if (last === '') return null
    else if (/^- \S+$/.test(line)) fields[last] = [...(Array.isArray(fields[last]) ? (fields[last] as Json[]) : []), scalar(line.slice(2))]
    else if (line !== '' && !/^\s/.test(line)) return null
  }
  return last === '' ? null : fields
}

/**
 * What a tool printed, as the structure that it printed: JSON, or a block of fields, or a list of such blocks. Anything that does not fit from the first line to
 * the last is a text without structure.
 */
export function readPrinted(output: string): Json | undefined {
  try {
    const value = JSON.parse(output) as Json
    return typeof value === 'object' ? value : undefined
  } catch {
    // Not JSON: fields and lists of fields are printed as lines.
  }
  const lines = output.trimEnd().split('\n')
  if (lines.every((line) => /^- [^:]{1,80}$/.test(line))) return lines.map((line) => scalar(line.slice(2)))
  if (!output.startsWith('- ')) return fieldsOf(lines) ?? undefined
  const blocks: string[][] = []
  for (const line of lines) {
    if (line.startsWith('- ')) blocks.push([line.slice(2)])
    else if (line === '' || line.startsWith('  ')) blocks.at(-1)?.push(line.slice(2))
    else return undefined
  }
  const items = blocks.map(fieldsOf)
  return items.some((item) => item === null) ? undefined : (items as readonly JsonObject[])
}
