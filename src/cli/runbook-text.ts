import type { Playbook, Step } from './playbook.ts'

const stepText = (step: Step): string => {
  if ('run' in step) return `- ${step.say} \`${step.run}\` (exit ${step.exits.join(' or ')})`
  if ('page' in step) return `- ${step.say} In the page’s console: \`${step.page}\`${step.gives === '{}' ? '' : ` → \`${step.gives}\``}`
  return `- ${step.say}`
}

const section = (title: string, steps: readonly Step[]): readonly string[] => [`**${title}**`, '', ...steps.map(stepText), '']

/** One playbook as Markdown. */
export const playbookText = (playbook: Playbook): string =>
  [
    `## ${playbook.title}`,
    '',
    `\`maestro runbook check ${playbook.id}\` runs the first part.`,
    '',
    `Signs: ${playbook.signs.join('; ')}.`,
    '',
    `What is lost: ${playbook.loses}`,
    '',
    ...section('Check', playbook.check),
    ...section('Do', playbook.act),
    ...section('Verify', playbook.verify),
    ...section('Undo', playbook.undo),
  ].join('\n')

/** The whole operator's guide. */
export const runbookText = (playbooks: readonly Playbook[], scripts: readonly string[]): string =>
  `${[
    '# Runbooks',
    '',
    'Made by `maestro runbook write` from `src/cli/playbooks.ts`; a test compares them. `maestro` is `npm run maestro --` in a checkout (`-s` keeps npm quiet).',
    'Exit codes: 0 green, 1 red, 2 usage, 3 degraded, 4 auth, 5 stale, 6 refused, 7 not applicable.',
    'TENANT is the tenant’s id; `--tenant TENANT` may be left out where there is one only.',
    'An incident is written down with `supabase/ops/incident-template.md`. Alerts, thresholds and channels: `supabase/ops/alerts.json`.',
    '',
    ...playbooks.map(playbookText),
    '## Names of older runbooks',
    '',
    'Each command that older runbooks name, and what to use here; `maestro script NAME` says the same and ends with 7 where there is nothing.',
    '',
    ...scripts,
  ].join('\n')}\n`
