/** What the guard reads for one intent. */
import { own } from '../../src/base/own.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import { actionOf } from '../core/action-of.ts'
import type { Asked, KitHost } from './kit.ts'

type GuardText = { readonly name: string; readonly text: string }

/** Every text in a value, and every name inside its objects. */
const stringsOf = (value: Json | undefined): string =>
  typeof value === 'string'
    ? value
    : Array.isArray(value)
      ? value.map(stringsOf).join('\n')
      : value && typeof value === 'object'
        ? Object.entries(value as JsonObject)
            .map(([name, item]) => `${name}\n${stringsOf(item)}`)
            .join('\n')
        : ''

/** What governed actions gave back to this agent and a stranger may have written, newest first, as far as it is in memory. */
const outputsOf = ({ intent, principal }: Asked, { ledger, actions }: Pick<KitHost, 'ledger' | 'actions'>): readonly GuardText[] =>
  ledger
    .recent(principal)
    .map(({ record }) => record)
    .filter(({ call, state, result }) => call.agent === intent.agent && state === 'done' && result !== undefined)
    .filter(({ call }) => actionOf(actions, call.action)?.output !== 'trusted')
    .toSorted((one, other) => other.call.seq - one.call.seq)
    .slice(0, LIMITS.sourcesMax)
    .map(({ call, result }) => ({
      name: `what "${actionOf(actions, call.action)?.title ?? call.action}" gave back`,
      text: stringsOf(result),
    }))

/**
 * The content that would go out, every text that the page says its agent has read, whatever the page calls it (whether it is the user's own is not for the page
 * to say), and what the worker recorded itself. In the order in which it is read.
 */
export function guardTexts(asked: Asked, host: Pick<KitHost, 'ledger' | 'actions'>): readonly GuardText[] {
  const { intent, declared } = asked
  const contents = Object.entries(declared.roles ?? {})
    .filter(([, role]) => role === 'content')
    .map(([name]) => ({
      name: `what would be sent as "${name}"`,
      text: stringsOf(own(intent.params, name)),
    }))
  const sources = intent.sources.map(({ id, by, text }) => ({ name: `the text from ${by ?? id}`, text }))
  const seen = new Set<string>()
  return [...contents, ...sources, ...outputsOf(asked, host)].filter(({ text }) => text.trim() !== '' && !seen.has(text) && seen.add(text))
}
