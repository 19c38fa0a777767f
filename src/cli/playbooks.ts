import type { Playbook } from './playbook.ts'

const HEALTHY = { say: 'Health is good again.', run: 'maestro health', exits: [0] } as const
const RELOADED = { say: 'Reload the page. The console says "[MAESTRO] Initialized successfully".' } as const
const INITIALISED = {
  say: 'The page’s worker has sealed and opened a record.',
  page: 'fetch("/maestro-health?verbose").then((answer) => answer.json()).then(({ crypto_initialized }) => ({ crypto_initialized }))',
  gives: '{"crypto_initialized":true}',
} as const
const NOTHING = { say: 'Nothing to undo.' } as const

/** Every playbook of the operator's guide; `.github/RUNBOOKS.md` is made from it. */
export const PLAYBOOKS: readonly Playbook[] = [
  {
    id: 'corrupt-database',
    title: 'A browser’s database is corrupt',
    signs: ['"Failed to open maestro_secrets DB" in the console', 'operations fail with "Key not found"', 'initialisation fails'],
    loses:
      'On this browser: the tiers of memory that were not synced, and what waits unsent under the lost key (it is quarantined and counted, not deleted).',
    check: [
      {
        say: 'Which databases are there?',
        page: 'indexedDB.databases().then((all) => ({ secrets: all.some(({ name }) => name === "maestro_secrets") }))',
        gives: '{}',
      },
      { say: 'The server is not the cause.', run: 'maestro health', exits: [0, 3] },
    ],
    act: [
      { say: 'Save unsent work first, where the outbox panel still opens: press "Take unsent work with you".' },
      {
        say: 'Delete the key database; the worker lets go of it by itself.',
        page: 'new Promise((resolve) => { const request = indexedDB.deleteDatabase("maestro_secrets"); request.onsuccess = () => resolve({ deleted: true }); request.onblocked = () => resolve({ deleted: false }) })',
        gives: '{"deleted":true}',
      },
      RELOADED,
    ],
    verify: [INITIALISED, HEALTHY],
    undo: [{ say: 'There is no way back to the old key, except through the passphrase or the 24 words, if the person set one.' }],
  },
  {
    id: 'key-loss',
    title: 'The device’s key is gone',
    signs: [
      '"Crypto initialization failed" in the console',
      'items are reported absent, with the reason that their key is lost',
      'a quarantine count in the panel',
    ],
    loses:
      'What was sealed under the lost key and not synced; synced memory comes back through the passphrase or the 24 words, if the person set one, else not.',
    check: [{ say: 'How much is quarantined?', page: 'Promise.resolve({ quarantined: maestro.snapshot?.quarantined ?? 0 })', gives: '{}' }],
    act: [RELOADED, { say: 'Unlock with the passphrase or the 24 words, if the person set one.' }],
    verify: [INITIALISED],
    undo: [NOTHING],
  },
  {
    id: 'quota',
    title: 'The browser has no room',
    signs: ['"Failed to save key: QuotaExceededError"', '"Initialization failed"', 'the status says memory-only'],
    loses: 'Episodic memory (T3), oldest first. Receipts, audit and unsent work are never dropped: new work is refused instead.',
    check: [
      {
        say: 'How full is it?',
        page: 'navigator.storage.estimate().then(({ usage, quota }) => ({ measured: usage !== undefined && quota !== undefined }))',
        gives: '{"measured":true}',
      },
    ],
    act: [
      { say: 'Free what is not MAESTRO’s first: other data of this site.' },
      { say: 'As the last resort, clear MAESTRO’s own state; it refuses while work is unsent.', run: 'maestro rollback clear-client', exits: [0] },
      RELOADED,
    ],
    verify: [INITIALISED],
    undo: [NOTHING],
  },
  {
    id: 'partial-sync',
    title: 'Local work succeeds, the server does not hear of it',
    signs: [
      '"[MAESTRO] Server sync failed, proceeding with local execution"',
      'the alert sync-success-rate',
      'failed requests to /maestro-sync in the network tab',
    ],
    loses: 'Nothing: receipts and audit entries wait and are retried, with growing pauses, across restarts.',
    check: [
      { say: 'Network or service? It names which.', run: 'maestro doctor --only network,supabase,health,migrations --stage local', exits: [0, 1, 3] },
      { say: 'How bad is it?', run: 'maestro metrics', exits: [0, 1, 5] },
    ],
    act: [
      { say: 'Mend what doctor named: unpause the project, push the migrations (supabase db push --include-all), renew the token.' },
      { say: 'Nothing is to be done on the devices: they sync by themselves.' },
    ],
    verify: [HEALTHY, { say: 'The ledger works.', run: 'maestro doctor --only claims --stage local', exits: [0] }],
    undo: [NOTHING],
  },
  {
    id: 'offline',
    title: 'People are offline',
    signs: ['"[MAESTRO] Server sync unreachable", once per episode', 'the panel says offline'],
    loses: 'Nothing: what needs no server runs, the rest waits sealed on the device, also with every tab closed.',
    check: [{ say: 'Is it us or them?', run: 'maestro health', exits: [0, 1, 3] }],
    act: [{ say: 'Wait. Ask for no action again: the same wish under a new key would be a second wish.' }],
    verify: [{ say: 'After reconnecting, nothing is stuck.', run: 'maestro receipts stuck', exits: [0] }],
    undo: [NOTHING],
  },
  {
    id: 'receipt-conflict',
    title: 'Receipts conflict',
    signs: ['"[MAESTRO] Idempotent execution - returning prior result"', 'the alert receipt-claim-failures', 'KEY_REUSED in an answer'],
    loses:
      'Nothing. A duplicate is no failure: it gives the first result again. KEY_REUSED means two different wishes under one key: the app’s fault.',
    check: [
      { say: 'Which rule fires?', run: 'maestro alerts check', exits: [0, 1, 3] },
      { say: 'Does the ledger itself work?', run: 'maestro doctor --only claims --stage local', exits: [0, 1] },
    ],
    act: [
      { say: 'Look at one key: who claimed it, when, with what end (maestro receipts show KEY).' },
      {
        say: 'Where an app reuses keys for different parameters, mend the app; where it hurts people, stop that action only: maestro kill set kill --action NAME',
      },
    ],
    verify: [{ say: 'The audit chain is whole.', run: 'maestro audit verify --tenant TENANT', exits: [0, 7] }],
    undo: [{ say: 'maestro kill clear --confirm run, when an action was stopped.' }],
  },
  {
    id: 'kill',
    title: 'Stop everything, now',
    signs: ['effects happen that must not', 'a security incident'],
    loses: 'Nothing: waiting work is held and goes on after the stop, each once.',
    check: [{ say: 'What is in force?', run: 'maestro kill status', exits: [0, 3, 5] }],
    act: [{ say: 'Stop.', run: 'maestro kill set kill --reason "playbook"', exits: [0] }],
    verify: [
      { say: 'Health says disabled.', run: 'maestro rollback verify --phase stop', exits: [0] },
      { say: 'Who has proven it?', run: 'maestro kill status', exits: [3] },
    ],
    undo: [
      { say: 'Resume.', run: 'maestro kill clear --confirm run', exits: [0] },
      HEALTHY,
      { say: 'Watch for errors for thirty minutes.', run: 'maestro alerts check', exits: [0, 1, 3] },
    ],
  },
  {
    id: 'run-expired',
    title: 'Leave to run has run out',
    signs: [
      'the alert run-expires',
      '"This document has expired" in maestro kill status, which ends with 5',
      'nothing new runs, though nobody stopped anything',
    ],
    loses: 'Nothing: what waits goes on when the same is said again, each once. What the resume key signs is good for seven days.',
    check: [
      { say: 'What is in force, and until when?', run: 'maestro kill status', exits: [0, 3, 5] },
      { say: 'How long is left?', run: 'maestro doctor --only kill-expiry --stage local', exits: [0, 1] },
    ],
    act: [
      {
        say: 'Say the same again; where the server does not hold the resume key, add --resume-key FILE. It stops and loosens nothing.',
        run: 'maestro kill renew',
        exits: [0],
      },
      { say: 'Put it on a weekly schedule where the resume key is kept.' },
    ],
    verify: [
      { say: 'It can be accepted again.', run: 'maestro kill status', exits: [0, 3] },
      { say: 'Two days and more are left.', run: 'maestro doctor --only kill-expiry --stage local', exits: [0] },
    ],
    undo: [NOTHING],
  },
  {
    id: 'stuck-operations',
    title: 'Operations are stuck',
    signs: ['the alert stuck-receipts', 'a receipt stays claimed', 'somebody waits for a result'],
    loses: 'Nothing by itself. Giving one up may leave an effect that happened without its result: look at the far end first.',
    check: [
      { say: 'Which ones?', run: 'maestro receipts stuck', exits: [0, 3] },
      { say: 'What did the server see?', run: 'maestro audit tail --last 20 --tenant TENANT', exits: [0, 7] },
    ],
    act: [
      {
        say: 'Open the app on the device that holds it (its device_id is in maestro receipts show KEY): it takes its own receipt over and finishes it.',
      },
      { say: 'Where the device is gone, the same key asked from another device of the same person takes it over.' },
      { say: 'On the device, Retry or Give up in the outbox panel ends what nobody waits for.' },
    ],
    verify: [{ say: 'Nothing is stuck.', run: 'maestro receipts stuck', exits: [0] }],
    undo: [NOTHING],
  },
  {
    id: 'server-down',
    title: 'The server is down',
    signs: ['health answers 503 or nothing', 'the alert unhealthy', '"[MAESTRO] Server sync unreachable"'],
    loses: 'Nothing: devices decide locally what may be decided so; RED effects wait for the ledger unless their action says otherwise.',
    check: [{ say: 'Nothing there, or there and ill?', run: 'maestro doctor --only network,supabase,health --stage local', exits: [0, 1, 3] }],
    act: [
      { say: 'Tables missing: supabase db push --include-all. Project paused: unpause it. Platform down: wait, devices keep their work.' },
      { say: 'After a restore from backup, tell nobody to retry: restored receipts still de-duplicate.' },
    ],
    verify: [HEALTHY, { say: 'The ledger works.', run: 'maestro doctor --only migrations,claims --stage local', exits: [0] }],
    undo: [NOTHING],
  },
  {
    id: 'bad-release',
    title: 'A release is bad',
    signs: ['errors right after a deploy', 'people stuck on an old or broken worker'],
    loses: 'Nothing: receipts outlive builds; a row of a newer build is parked, not lost.',
    check: [{ say: 'What is in force?', run: 'maestro kill status', exits: [0, 3, 5] }],
    act: [
      {
        say: 'Make every worker answer nothing but health and the flag until a new build arrives.',
        run: 'maestro kill set safe-worker --reason "bad release"',
        exits: [0],
      },
      { say: 'Deploy the last good build; open pages reload when the new worker takes over.' },
    ],
    verify: [{ say: 'Health says disabled.', run: 'maestro rollback verify --phase stop', exits: [0] }],
    undo: [{ say: 'Resume with the good build.', run: 'maestro kill clear --confirm run', exits: [0] }, HEALTHY],
  },
  {
    id: 'rollback',
    title: 'Take MAESTRO out',
    signs: ['the decision was made'],
    loses: 'With drop-database: receipts and audit. With inert: nothing.',
    check: [{ say: 'The phases.', run: 'maestro rollback plan', exits: [0] }],
    act: [
      { say: 'Stop.', run: 'maestro kill set kill --reason "rollback"', exits: [0] },
      { say: 'Deploy with VITE_MAESTRO_ENABLED=false; clear browsers with the script.', run: 'maestro rollback clear-client', exits: [0] },
      { say: 'Keep the tables, marked.', run: 'maestro rollback inert --confirm inert', exits: [0] },
    ],
    verify: [
      { say: 'Stopped.', run: 'maestro rollback verify --phase stop', exits: [0] },
      { say: 'Marked.', run: 'maestro rollback verify --phase inert', exits: [0] },
    ],
    undo: [
      { say: 'Unmark.', run: 'maestro rollback inert --undo --confirm inert', exits: [0] },
      { say: 'Resume.', run: 'maestro kill clear --confirm run', exits: [0] },
      { say: 'It works, and old receipts still de-duplicate.', run: 'maestro rollback verify --phase enabled', exits: [0] },
    ],
  },
  {
    id: 'escalations',
    title: 'People are asked too often',
    signs: ['the alert man-mode-escalations', '"[MAESTRO] Escalating to MAN mode - Human approval needed" again and again'],
    loses: 'Nothing: what waits for a person expires, typed as expiry.',
    check: [{ say: 'How many in the last hour?', run: 'maestro metrics', exits: [0, 5] }],
    act: [
      {
        say: 'An attack shows as one source asking for many targets: stop that agent (maestro kill set kill --agent NAME). A new feature shows as one action: mend its policy.',
      },
    ],
    verify: [{ say: 'The rule is quiet, or is within the hour.', run: 'maestro alerts check', exits: [0, 3] }],
    undo: [{ say: 'maestro kill clear --confirm run, when an agent was stopped.' }],
  },
]
