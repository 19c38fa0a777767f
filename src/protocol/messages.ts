import type { Failure } from './failure.ts'
import type { ReceiptView, Snapshot } from './views.ts'

/** A page's calls, those of one moment together, as an event or through the page's port. Each of `messages` is Comlink's. */
export type RpcMessage = {
  readonly type: 'maestro:rpc'
  readonly protocol: number
  readonly windowOff: boolean
  readonly messages: readonly unknown[]
}

/** Follows calls through a port, which alone would not keep an idle worker alive, nor start one. */
export type AwakeMessage = { readonly type: 'maestro:awake' }

/** A page of a disabled build tells whatever worker is still there. */
export type EnvOffMessage = { readonly type: 'maestro:gate-env-off' }

/** `window.MAESTRO_ENABLED = false` in one page: what that page may see of health. */
export type WindowGateMessage = { readonly type: 'maestro:gate-window'; readonly off: boolean }

/** An update's hand-over: the waiting worker takes over once no effect runs. */
export type HandOverMessage = { readonly type: 'SKIP_WAITING' }

export type PageMessage = RpcMessage | AwakeMessage | EnvOffMessage | WindowGateMessage | HandOverMessage

/** What changed since the delta before: whole views of the receipts that did, and the small rest entire. */
export type Delta = Omit<Snapshot, 'receipts'> & { readonly receipts: readonly ReceiptView[] }

/** A line for the page's console: the texts operators search for must appear there though the worker does the work. */
export type LogLine = { readonly level: 'info' | 'warn' | 'error'; readonly text: string; readonly code?: string }

export type WorkerMessage =
  /** `hears`: this worker takes calls through the port that answers go through; older ones do not. */
  | { readonly type: 'maestro:reply'; readonly boot: string; readonly hears: boolean; readonly messages: readonly unknown[] }
  | { readonly type: 'maestro:delta'; readonly delta: Delta }
  | { readonly type: 'maestro:log'; readonly line: LogLine }
  | { readonly type: 'maestro:page-effect'; readonly id: string; readonly attempt: number; readonly name: string; readonly params: unknown }

/** Every command answers with this; Comlink would carry an error's name and message only, so failures travel as data. */
export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Failure }
