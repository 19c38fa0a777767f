import { KillClaimsSchema } from '../protocol/kill-document.ts'
import type { KillClaims, KillScope } from '../protocol/kill-document.ts'
import * as v from '../protocol/schema.ts'
import { EXIT } from './exit-codes.ts'
import { Fault } from './fault.ts'

export type KillTerms = Pick<KillClaims, 'action' | 'scopes' | 'raise' | 'rollout'>
/** What the newest kill document truly says; `action` of the answer itself is `run` where it is for some only. */
export type InForce = { readonly version: number; readonly expires: string; readonly terms: KillTerms }

const isThere = ([, value]: readonly [string, unknown]): boolean => value !== undefined

/** From an answer of `maestro-flag`. Throws a `Fault` when it says nothing that this package understands. */
export const inForceIn = (body: Readonly<Record<string, unknown>>): InForce => {
  const said = (body['terms'] ?? body) as Readonly<Record<string, unknown>>
  const { version, issued, expires } = body
  const terms = Object.entries({ action: said['action'], scopes: said['scopes'], raise: said['raise'], rollout: said['rollout'] }).filter(isThere)
  const parsed = v.safeParse(KillClaimsSchema, { version, issued, expires, ...Object.fromEntries(terms) })
  if (!parsed.success)
    throw new Fault(EXIT.red, 'DOCUMENT_UNREADABLE', 'The kill document in force says something that this version of maestro does not know.')
  const { version: _v, issued: _i, expires: _e, ...known } = parsed.output
  return { version: parsed.output.version, expires: parsed.output.expires, terms: known }
}

const sayScope = ({ tenant, action, agent, release }: KillScope): string =>
  [
    ...(tenant === undefined ? [] : [`tenant ${tenant}`]),
    ...(action === undefined ? [] : [`actions ${action}`]),
    ...(agent === undefined ? [] : [agent === '*' ? 'any agent' : `agent ${agent}`]),
    ...(release === undefined ? [] : [`releases ${release.min ?? 'any'} to ${release.max ?? 'any'}`]),
  ].join(' with ') || 'everybody'

/** For a person: `"kill" for tenant acme or agent bot; no lane below RED`. */
export const sayTerms = ({ action, scopes, raise, rollout }: KillTerms): string =>
  [
    `"${action}" for ${(scopes ?? [{}]).map(sayScope).join(' or ')}`,
    ...(raise === undefined ? [] : [`no lane below ${raise}`]),
    ...(rollout === undefined ? [] : [`on for ${rollout.percent} % of the people`]),
  ].join('; ')

export const sayInForce = ({ version, terms }: InForce): string => `In force is version ${version}: ${sayTerms(terms)}.`
