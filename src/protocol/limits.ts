/**
 * Every bound of MAESTRO, with its unit and its reason (law 9). Overflow has a failure code and a test. Import it as a whole, as `LIMITS`:
 * bundlers then put the numbers where they are used.
 */

/** Idempotency keys are the app's text; 255 is what the server's primary key takes. */
export const keyCharsMax = 255
/** One intent's parameters as canonical bytes; larger things are stored once and referenced. */
export const paramsBytesMax = 64 * 1024
/** Nesting a person could still read in a dialog; also bounds recursion on hostile input. */
export const paramsDepthMax = 16
/** Sources that one intent may cite. */
export const sourcesMax = 32
/** One source's text: a long message, not a book. */
export const sourceCharsMax = 32 * 1024
/** Intents waiting at once; beyond it new work is refused, old work is never dropped. */
export const outboxMax = 20_000
/** Receipts in one snapshot; the rest is reached by key. */
export const snapshotReceiptsMax = 200
/** Approvals in one snapshot, oldest first; a person decides on one at a time, and the rest moves up. */
export const snapshotApprovalsMax = 50
/** Facts committed in one IndexedDB transaction (group commit). */
export const groupCommitMax = 500
/** Parallel effects against one back end, as browsers do over HTTP/1.1. */
export const parallelEffectsMax = 6
/** Attempts that really failed before an item is dead; being offline is not an attempt. */
export const attemptsMax = 8
/** First backoff step; grows by two with full jitter. */
export const backoffBaseMs = 1_000
/** Longest wait between two attempts: five minutes. */
export const backoffCapMs = 300_000
/** A server may ask for patience, but not for ever: one day. */
export const retryAfterMsMax = 86_400_000
/** One effect request; browsers end an event after five minutes. */
export const effectTimeoutMs = 30_000
/** Items in one request of a batch route, and in one request to maestro-sync. */
export const syncItemsMax = 500
/** Parameters in one batch request, as characters: what back ends take without being told to. */
export const batchCharsMax = 900_000
/** Audit entries sent along with a request to maestro-sync: enough to keep up, few enough to leave room. */
export const syncAuditMax = 200
/** Entries of the audit chain in one answer. */
export const auditPageMax = 1_000
/** One page of the outbox command. */
export const outboxPageMax = 200
/** A rescue capsule's text: twice the outbox of ordinary size would still fit. */
export const capsuleCharsMax = 64 * 1024 * 1024
/** A clock that went back by less is skew; by more, waits made before it are laid anew. One minute. */
export const clockBackMs = 60_000
/** One request to maestro-sync. */
export const syncTimeoutMs = 10_000
/** How long a lease lasts beyond the effect's own time-out. */
export const leaseMs = 45_000
/** A person's time to decide on an approval: seven days. */
export const approvalTtlMs = 7 * 86_400_000
/** Fetching the flag before the first lease of a wake; a slow flag must not stop work for longer. */
export const flagTimeoutMs = 3_000
/** Kill document as fetched. */
export const killDocumentBytesMax = 4_096
/** The longest the worker stays awake for work that is not due yet; sync events end at three minutes. */
export const lingerMs = 20_000
/** Answer bodies read from an effect's back end. */
export const answerBytesMax = 256 * 1024
