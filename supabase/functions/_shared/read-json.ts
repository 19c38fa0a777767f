import * as v from 'valibot'
import { refuse } from './answer.ts'

/** The body's bytes, or null as soon as there are more than `bytesMax`: a lying or missing `content-length` changes nothing. */
const readBytes = async (request: Request, bytesMax: number): Promise<Uint8Array | null> => {
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) return null
  const parts: Uint8Array[] = []
  let length = 0
  if (request.body !== null) {
    const reader = request.body.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      length += value.byteLength
      if (length > bytesMax) {
        await reader.cancel()
        return null
      }
      parts.push(value)
    }
  }
  const bytes = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.byteLength
  }
  return bytes
}

const parseText = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}

/**
 * A request's JSON body as the schema gives it, or the refusal to send: 413 when too large, 400 when it is not JSON or not of the shape.
 * The refusal names the first wrong field, never its value.
 */
export const readJson = async <S extends v.GenericSchema>(request: Request, schema: S, bytesMax: number): Promise<v.InferOutput<S> | Response> => {
  const bytes = await readBytes(request, bytesMax)
  if (bytes === null) return refuse(413, 'BODY_TOO_LARGE', `The body is larger than ${bytesMax} bytes.`)
  const parsed = v.safeParse(schema, parseText(bytes))
  if (parsed.success) return parsed.output
  const field = v.getDotPath(parsed.issues[0])
  return refuse(400, 'BODY_INVALID', field === null ? 'The body is not the JSON this route takes.' : `The field "${field}" is missing or wrong.`)
}
