/** Policy for agents: where each value comes from, what the user asked for, budgets, grants: `maestro-sw/policy`. */
import type { Kit } from '../runtime/kit.ts'
import { createProvenance, type ProvenanceOptions } from '../runtime/policy-kit.ts'

/**
 * Judges what agents ask for. The user's own words reach it by `maestro.command('prompt', { agent, text, begins? })`.
 *
 * @param options `policy`: closed JSON with rules, budgets, capabilities and an end; a policy that does not parse stops every agent with its code.
 */
export const provenance = (options: ProvenanceOptions = {}): Kit => createProvenance(options)
