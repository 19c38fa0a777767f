import type { ReceiptView } from '../protocol/views.ts'

/** One control of the edit form. Parameters without a field are kept as they are. */
export type EditField = {
  readonly name: string
  readonly label: string
  /** `lines` is text of several lines, `list` one text a line. */
  readonly kind: 'text' | 'lines' | 'number' | 'boolean' | 'list' | 'choice'
  readonly choices?: readonly string[]
}

/** What an app may say better than the panel can guess. Every member is optional. */
export type OutboxOptions = {
  /** An action in a person's words: "Email to Anna", "Quarterly figures". */
  readonly describe?: (receipt: ReceiptView) => { readonly title: string; readonly detail?: string }
  /** The fields of the edit form; `null` when this action must not be edited. */
  readonly fields?: (receipt: ReceiptView) => readonly EditField[] | null
  /** Shows the approval that waits; the page's `<maestro-approvals>` is opened when absent. */
  readonly review?: (key: string) => void
  /** Brings the person to the app's sign-in; without it the panel only says that one is needed. */
  readonly signIn?: () => void
}
