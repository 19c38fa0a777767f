/** What a document means: for everybody, and for one subject. Pure. */
import { digestJson } from '../../src/base/digest.ts'
import type { KillClaims, KillScope } from '../../src/protocol/kill-document.ts'
import type { GateState, Lane, Principal } from '../../src/protocol/views.ts'
import type { Subject } from './kit.ts'

const fits = (pattern: string | undefined, name: string | null): boolean =>
  pattern === undefined || (name !== null && (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name))

/** By their numbers, part by part; a missing part is 0. */
function compare(a: string, b: string): number {
  const [left, right] = [a.split('.'), b.split('.')]
  for (let i = 0; i < 3; i++) {
    const difference = Number(left[i] ?? 0) - Number(right[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** A build that has no number is in every range: nobody slips through by not saying what they are. */
const isOfRelease = ({ release: range }: KillScope, release: string | null): boolean =>
  range === undefined ||
  release === null ||
  ((range.min === undefined || compare(release, range.min) >= 0) && (range.max === undefined || compare(release, range.max) <= 0))

const isFor = ({ scopes }: KillClaims, { action, agent, principal }: Subject, release: string | null): boolean =>
  scopes === undefined ||
  scopes.some(
    (scope) =>
      (scope.tenant === undefined || scope.tenant === principal.tenant) &&
      fits(scope.action, action) &&
      fits(scope.agent, agent) &&
      isOfRelease(scope, release),
  )

/** Whether it is for all of this build's work, whoever's. */
const isForAll = ({ scopes }: KillClaims, release: string | null): boolean =>
  scopes === undefined ||
  scopes.some((scope) => scope.tenant === undefined && scope.action === undefined && scope.agent === undefined && isOfRelease(scope, release))

/** Always the same for one person and salt, and evenly spread; so whoever is on stays on while the percentage rises. */
function isRolledOut({ rollout }: KillClaims, { tenant, user }: Principal): boolean {
  if (rollout === undefined) return true
  const bucket = Number.parseInt(digestJson({ salt: rollout.salt, tenant, user }).slice(0, 8), 16) / 2 ** 32
  return bucket * 100 < rollout.percent
}

export const generalState = (claims: KillClaims, release: string | null): GateState => (isForAll(claims, release) ? claims.action : 'run')

export const stateFor = (claims: KillClaims, subject: Subject, release: string | null): GateState => {
  const state = isFor(claims, subject, release) ? claims.action : 'run'
  return state !== 'safe-worker' && !isRolledOut(claims, subject.principal) ? 'kill' : state
}

export const raiseFor = (claims: KillClaims, subject: Subject, release: string | null): Lane | null =>
  claims.raise !== undefined && isFor(claims, subject, release) ? claims.raise : null
