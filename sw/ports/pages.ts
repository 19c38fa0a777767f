import type { WorkerMessage } from '../../src/protocol/messages.ts'

/** The pages of this origin that are open now. Nothing is owed to them: a page that missed a message asks for a snapshot. */
export interface Pages {
  broadcast(message: WorkerMessage): Promise<void>
  isAnyOpen(): Promise<boolean>
  /** Sends to one page, a visible one if there is any; false when none is open. */
  sendToOne(message: WorkerMessage): Promise<boolean>
}

export type PagesDep = { readonly pages: Pages }
