import { err, ok, type Result } from '../base/result.ts'
import { checkPinned, MODEL_TROUBLES, type ModelFile, type ModelTrouble } from './model-file.ts'

/** What an ONNX file says about itself. */
export type OnnxFacts = { readonly irVersion: number; readonly nodes: number; readonly inputs: number; readonly outputs: number }
export type ModelFinding = { readonly file: string; readonly trouble: ModelTrouble; readonly message: string }

type Field = { readonly number: number; readonly varint: number; readonly bytes: Uint8Array | null }

/** The fields of one protobuf message; `null` when a length leads outside, a varint does not end, or a wire type is unknown. */
function fieldsOf(bytes: Uint8Array): Field[] | null {
  const fields: Field[] = []
  let at = 0
  const varint = (): number | null => {
    let value = 0
    for (let i = 0; i < 10; i++) {
      const byte = bytes[at++]
      if (byte === undefined) return null
      value += (byte & 127) * 2 ** (7 * i)
      if (byte < 128) return value
    }
    return null
  }
  while (at < bytes.length) {
    const key = varint()
    if (key === null || key < 8) return null
    const [number, wire] = [Math.floor(key / 8), key % 8]
    if (wire === 0) {
      const value = varint()
      if (value === null) return null
      fields.push({ number, varint: value, bytes: null })
      continue
    }
    const length = wire === 2 ? varint() : wire === 5 ? 4 : wire === 1 ? 8 : null
    if (length === null || at + length > bytes.length) return null
    fields.push({ number, varint: 0, bytes: bytes.subarray(at, at + length) })
    at += length
  }
  return fields
}

/** Field numbers of onnx.proto: ModelProto ir_version 1, graph 7, opset_import 8; GraphProto node 1, input 11, output 12. */
export function readOnnx(bytes: Uint8Array): Result<OnnxFacts, string> {
  const model = fieldsOf(bytes)
  if (model === null) return err('no whole protobuf message')
  const graphBytes = model.findLast(({ number }) => number === 7)?.bytes ?? null
  const graph = graphBytes === null ? null : fieldsOf(graphBytes)
  if (graph === null) return err('no graph')
  const irVersion = model.find(({ number }) => number === 1)?.varint ?? 0
  const count = (wanted: number): number =>
    graph.filter(({ number, bytes: inner }) => number === wanted && inner !== null && fieldsOf(inner) !== null).length
  const facts = { irVersion, nodes: count(1), inputs: count(11), outputs: count(12) }
  const isModel = irVersion > 0 && facts.nodes > 0 && facts.outputs > 0 && model.some(({ number }) => number === 8)
  return isModel ? ok(facts) : err('a message, but no ONNX model')
}

/**
 * The deploy check of `public/models` (REQ 0-23): each `.onnx` file parses and is the pinned one, and each pinned one is there.
 *
 * @param files what lies in the folder, by name.
 * @param pins what should, by name; with inference off pass none and no files: that is fine.
 */
export function checkModels(files: ReadonlyMap<string, Uint8Array>, pins: readonly ModelFile[]): ModelFinding[] {
  const findings: ModelFinding[] = []
  const add = (file: string, trouble: ModelTrouble, why: string = MODEL_TROUBLES[trouble]): void =>
    void findings.push({ file, trouble, message: `${file}: ${why}` })
  for (const pin of pins) {
    const bytes = files.get(pin.file)
    const trouble = bytes === undefined ? 'MODEL_MISSING' : checkPinned(bytes, pin)
    if (trouble !== null) add(pin.file, trouble)
  }
  for (const [file, bytes] of files) {
    if (!file.endsWith('.onnx')) continue
    if (!pins.some((pin) => pin.file === file)) add(file, 'MODEL_UNKNOWN')
    const read = readOnnx(bytes)
    if (!read.ok && !findings.some((finding) => finding.file === file && finding.trouble === 'MODEL_IS_HTML'))
      add(file, 'MODEL_MALFORMED', read.error)
  }
  return findings
}
