import type { Result } from '../../src/base/result.ts'
import type { ModelFile, ModelTrouble } from '../../src/guard/model-file.ts'

/** Model files from the app's own `/models`, kept on this device. */
export type ModelFiles = {
  /** The pinned bytes: the kept copy, or fetched and then kept. Never anything else, also when the copy was changed on disk. Does not throw. */
  read(pinned: ModelFile): Promise<Result<Uint8Array<ArrayBuffer>, ModelTrouble>>
}
