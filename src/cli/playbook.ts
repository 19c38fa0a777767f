/**
 * One step of a playbook: a `maestro` command with the exit codes that are right there, or a script for the page's console. `--tenant TENANT`
 * in a command is about one tenant, and may be left out where there is one only.
 */
export type Step =
  | { readonly say: string; readonly run: string; readonly exits: readonly number[] }
  /** `gives` is the JSON that the script's value must contain. */
  | { readonly say: string; readonly page: string; readonly gives: string }
  | { readonly say: string }

/** What to do on a bad day: each phase is run, then read. */
export type Playbook = {
  readonly id: string
  readonly title: string
  /** What a person sees, in the exact texts they will search for. */
  readonly signs: readonly string[]
  readonly loses: string
  readonly check: readonly Step[]
  readonly act: readonly Step[]
  readonly verify: readonly Step[]
  readonly undo: readonly Step[]
}
