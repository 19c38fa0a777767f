import type { Message } from '../../sessions/message.ts'

export type MessageEdit = { readonly subject: string; readonly body: string }

export type Mailbox = {
  all(): readonly Message[]
  get(id: string): Message | null
  edited(id: string): boolean
  edit(id: string, edit: MessageEdit): void
  /** Puts one message back as it was written, or all of them. */
  reset(id?: string): void
  watch(listener: () => void): void
}

/** The written messages with the visitor's edits over them. Edits live in memory only: nothing of them may reach the disk. */
export const createMailbox = (written: readonly Message[]): Mailbox => {
  const edits = new Map<string, MessageEdit>()
  const listeners = new Set<() => void>()
  const changed = (): void => listeners.forEach((listener) => listener())
  const present = (message: Message): Message => ({ ...message, ...edits.get(message.id) })
  return {
    all: () => written.map(present),
    get: (id) => {
      const found = written.find((message) => message.id === id)
      return found === undefined ? null : present(found)
    },
    edited: (id) => edits.has(id),
    edit: (id, { subject, body }) => {
      edits.set(id, { subject, body })
      changed()
    },
    reset: (id) => {
      if (id === undefined) edits.clear()
      else edits.delete(id)
      changed()
    },
    watch: (listener) => void listeners.add(listener),
  }
}
