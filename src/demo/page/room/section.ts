/** One tab of the control room. */
export type RoomSection = {
  readonly id: string
  readonly title: string
  readonly element: HTMLElement
  /** Calls back with the number to show beside the title; absent for sections without one. */
  readonly count?: (show: (count: number) => void) => void
  readonly enter?: () => void
}
