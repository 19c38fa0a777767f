/** The system's notifications, where the person allowed them. Best effort: nothing of MAESTRO's depends on one being seen. */
export interface Notices {
  /** Whether a page of this origin is in sight: then it tells by itself. */
  isInSight(): Promise<boolean>
  /** Shows one, in place of an older one with this tag. Does nothing without permission; never rejects. */
  show(notice: { readonly tag: string; readonly title: string; readonly body: string }): Promise<void>
  /** Takes it back. Never rejects. */
  close(tag: string): Promise<void>
}
