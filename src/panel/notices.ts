import { h } from '../dialog/h.ts'
import { button } from './button.ts'
import type { FeedState } from './feed.ts'
import type { OutboxOptions } from './options.ts'
import { heldPhrase } from './phrases.ts'

export type Notice = { readonly text: string; readonly look: 'warn' | 'calm'; readonly act?: HTMLElement }

/** What holds everything up at once, said once on top instead of at every item. */
export const noticesOf = ({ snapshot, failed }: FeedState, signIn: OutboxOptions['signIn']): Notice[] => {
  if (snapshot === null) return [{ look: 'calm', text: 'Nothing is known yet: MAESTRO has not answered, or is off.' }]
  const { gate, needsSignIn, durability, online, principal } = snapshot
  const notices: Notice[] = []
  if (principal === null) notices.push({ look: 'warn', text: 'Nobody is signed in. Unsent work of other people stays sealed.' })
  else if (needsSignIn) {
    const text = 'Your sign-in has expired. Nothing is lost: everything goes out after you sign in again.'
    notices.push(signIn === undefined ? { look: 'warn', text } : { look: 'warn', text, act: button('Sign in', 'main', signIn) })
  }
  if (gate.state !== 'run') notices.push({ look: 'warn', text: `${heldPhrase(gate)}. Nothing is lost: it comes back unchanged.` })
  if (durability === 'memory')
    notices.push({ look: 'warn', text: 'This browser keeps nothing on disk now. What is not sent is lost when it closes.' })
  if (!online) notices.push({ look: 'calm', text: 'You are offline. New work is kept, and goes out by itself later.' })
  if (failed) notices.push({ look: 'warn', text: 'The list cannot be read just now. It may be out of date.' })
  return notices
}

export const noticeBlock = ({ text, look, act }: Notice): HTMLElement => h('div', { class: `notice ${look}` }, h('p', {}, text), act ?? false)
