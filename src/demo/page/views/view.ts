import type { IconName } from '../dom/icon.ts'

/** One place of the workspace. Its element is made once and only hidden, so forms and transcripts survive going elsewhere. */
export type View = {
  readonly id: string
  readonly title: string
  readonly icon: IconName
  readonly element: HTMLElement
  /** Called with the rest of the address when the view is entered. */
  readonly enter?: (rest: string) => void
}
