/** Times decisions where they are made: parsing, policy and admission, without sealing and storage. */
import { judge } from '../../../src/policy/judge.ts'
import * as v from '../../../src/protocol/schema.ts'
import { local } from '../../../sw/boot/effects.ts'
import { admit } from '../../../sw/core/admit.ts'
import type { Actions } from '../../../sw/ports/action.ts'
import { parseIntent } from '../../../sw/runtime/parse-intent.ts'
import { INTENT } from '../pages/intent.ts'
import { scope } from '../peers/worker-scope.ts'

const ACTIONS: Actions = {
  'bench.note': {
    version: 1,
    params: v.strictObject({ to: v.string(), subject: v.string(), body: v.string() }),
    lane: {
      base: 'GREEN',
      because: 'known people only',
      rules: [
        { id: 'new', when: { param: 'to', notInDirectory: 'contacts' }, lane: 'YELLOW', because: 'somebody new' },
        { id: 'agent', when: { by: 'agent' }, lane: 'GREEN', because: 'an agent may too' },
      ],
    },
    effect: local(() => null),
  },
}
const DIRECTORIES = { contacts: [...Array.from({ length: 50 }, (_, i) => `person${i}@example.com`), INTENT.to] }
const PRINCIPAL = { tenant: 'bench', user: 'bench' }

const decide = async (seq: number): Promise<void> => {
  const parsed = await parseIntent({ action: 'bench.note', params: INTENT, key: crypto.randomUUID() }, null, ACTIONS)
  if (!parsed.ok) throw new Error(parsed.error.message)
  const { intent, declared } = parsed.value
  const verdict = judge(declared.lane, intent.params, intent.agent, DIRECTORIES)
  if (verdict.lane !== 'GREEN') throw new Error(`not GREEN but ${verdict.lane}`)
  admit(intent, declared, verdict, {
    now: Date.now(),
    issued: Date.now(),
    nonce: crypto.randomUUID(),
    seq,
    origin: 'http://localhost',
    principal: PRINCIPAL,
  })
}

/** Milliseconds, decision by decision; the clock's 5 µs are a tenth of one. */
const timed = async (count: number): Promise<readonly number[]> => {
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const start = performance.now()
    await decide(i)
    times.push(performance.now() - start)
  }
  return times
}

scope.addEventListener('install', (event) => event.waitUntil(scope.skipWaiting()))
scope.addEventListener('message', (event) => {
  event.waitUntil(timed(event.data as number).then((times) => event.source?.postMessage(times)))
})
