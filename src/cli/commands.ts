import type { Group } from './command.ts'
import { alertsCheck, alertsRules } from './commands/alerts.ts'
import { auditExport, auditTail, auditVerify } from './commands/audit.ts'
import { dbStatus } from './commands/db-status.ts'
import { doctor } from './commands/doctor.ts'
import { guardCheck } from './commands/guard-check.ts'
import { health } from './commands/health.ts'
import { killClear, killDrill, killRenew, killSet, killStatus } from './commands/kill.ts'
import { metrics } from './commands/metrics.ts'
import { policyReplay } from './commands/policy-replay.ts'
import { receiptsList, receiptsShow, receiptsStuck } from './commands/receipts.ts'
import { rollbackClearClient, rollbackPlan, rollbackVerify } from './commands/rollback.ts'
import { rollbackDrop, rollbackInert } from './commands/rollback-database.ts'
import { runbookCheck, runbookList, runbookShow, runbookWrite } from './commands/runbook.ts'
import { script } from './commands/script.ts'

/** All there is, by name. */
export const COMMANDS: Group = {
  describe: 'Look at, stop and take down MAESTRO. Works against a local stack and any Supabase project.',
  commands: {
    health,
    doctor,
    metrics,
    alerts: { describe: 'Alert rules: judge them now, or give them to Prometheus', commands: { check: alertsCheck, rules: alertsRules } },
    kill: {
      describe: 'The kill document: what it says, stopping, resuming, drilling',
      commands: { status: killStatus, set: killSet, clear: killClear, renew: killRenew, drill: killDrill },
    },
    audit: { describe: 'The server’s audit chain', commands: { verify: auditVerify, tail: auditTail, export: auditExport } },
    receipts: { describe: 'Receipts as the ledger has them', commands: { list: receiptsList, show: receiptsShow, stuck: receiptsStuck } },
    rollback: {
      describe: 'Taking MAESTRO out, phase by phase',
      commands: {
        plan: rollbackPlan,
        verify: rollbackVerify,
        'clear-client': rollbackClearClient,
        'drop-database': rollbackDrop,
        inert: rollbackInert,
      },
    },
    db: { describe: 'The database', commands: { status: dbStatus } },
    policy: { describe: 'Policies', commands: { replay: policyReplay } },
    guard: { describe: 'The classifier’s files', commands: { check: guardCheck } },
    runbook: {
      describe: 'Playbooks: check, do, verify, undo',
      commands: { list: runbookList, show: runbookShow, check: runbookCheck, write: runbookWrite },
    },
    script,
  },
}
