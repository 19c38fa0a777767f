import { UnlockersSchema } from '../../protocol/account.ts'
import * as v from '../../protocol/schema.ts'
import type { UnlockAnswer } from './ask.ts'
import { showChange, showCreate, showUnlock, type Screen } from './screens.ts'

const CallSchema = v.object({
  type: v.literal('maestro:unlock'),
  ask: v.variant('what', [
    v.object({ what: v.literal('create') }),
    v.object({ what: v.picklist(['unlock', 'passphrase', 'recovery-code']), unlockers: UnlockersSchema }),
  ]),
})

/**
 * Runs the unlock document. It answers the page that embeds it, once; it has no origin, no storage and no network, so what is typed here
 * can leave only through the answer, as handles and sealed copies.
 */
export function startUnlock(): void {
  addEventListener('message', function hear(event: MessageEvent<unknown>) {
    const [port] = event.ports
    const call = v.safeParse(CallSchema, event.data)
    if (event.source !== parent || parent === window || !port || !call.success) return
    removeEventListener('message', hear)
    const tell = (answer: UnlockAnswer): void => port.postMessage(answer)
    const screen: Screen = {
      show(node) {
        document.body.replaceChildren(node)
        tell({ type: 'height', px: document.documentElement.scrollHeight })
        node.querySelector('input')?.focus()
      },
      done: (handles) => tell({ type: 'done', handles }),
      cancel: () => tell({ type: 'cancelled' }),
    }
    const { ask } = call.output
    if (ask.what === 'create') showCreate(screen)
    else if (ask.what === 'unlock') showUnlock(screen, ask.unlockers)
    else showChange(screen, ask.unlockers, ask.what)
  })
}
