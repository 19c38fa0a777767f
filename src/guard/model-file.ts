import { digestBytes } from '../base/digest.ts'

/** A file in `/models` and what it must be: nothing else under that name is ever used. */
export type ModelFile = { readonly file: string; readonly sha256: string; readonly bytes: number }

/** Why a model is not there. Each of them switches the feature off, none of them stops the app. */
export const MODEL_TROUBLES = {
  MODEL_UNKNOWN: 'no model of that name is pinned',
  MODEL_MISSING: 'the file is not there',
  MODEL_UNREACHABLE: 'the file could not be fetched in time, and no copy is kept',
  MODEL_IS_HTML: 'a page was answered in place of the file',
  MODEL_TRUNCATED: 'the file is shorter than it should be',
  MODEL_TOO_LARGE: 'the file is larger than it should be',
  MODEL_WRONG_DIGEST: 'the file is not the one that was pinned',
  MODEL_MALFORMED: 'the file cannot be read as a model',
} as const
export type ModelTrouble = keyof typeof MODEL_TROUBLES

const isHtml = (bytes: Uint8Array): boolean =>
  /^\s*<(?:!doctype|html|head|body)/i.test(String.fromCharCode(...bytes.subarray(0, 64)).replace(/^\u00ef\u00bb\u00bf/, ''))

/** `null` when these are exactly the pinned bytes. */
export function checkPinned(bytes: Uint8Array, pinned: ModelFile): ModelTrouble | null {
  if (isHtml(bytes)) return 'MODEL_IS_HTML'
  if (bytes.length > pinned.bytes) return 'MODEL_TOO_LARGE'
  if (bytes.length < pinned.bytes) return 'MODEL_TRUNCATED'
  return digestBytes(bytes) === pinned.sha256 ? null : 'MODEL_WRONG_DIGEST'
}
