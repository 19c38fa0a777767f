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
/** Terminal receipts kept in memory beyond the open ones; the rest is reached by key. */
export const memoryReceiptsMax = 1_000
/** Rows opened, or items of a capsule admitted, side by side: enough to keep the crypto threads busy, few enough to let events through. */
export const openedAtOnceMax = 250
/** How often a change is told anew to a row that another worker changed meanwhile; only two ever write, at a hand-over. */
export const changeTriesMax = 5
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
/** Results that one request to maestro-sync carries, as characters: half of what the server takes. */
export const syncResultCharsMax = 500_000
/** Requests for the chain alone in one drain; what is left goes with the next. */
export const chainRoundsMax = 25
/** Audit entries sent along with a request to maestro-sync: enough to keep up, few enough to leave room. */
export const syncAuditMax = 200
/** Entries of the audit chain in one answer. */
export const auditPageMax = 1_000
/** Entries that one verification of the chain reads: years of a busy device. */
export const auditVerifyMax = 1_000_000
/** One page of the outbox command. */
export const outboxPageMax = 200
/** A rescue capsule's text: twice the outbox of ordinary size would still fit. */
export const capsuleCharsMax = 64 * 1024 * 1024
/** A clock that went back by less is skew; by more, waits made before it are laid anew. One minute. */
export const clockBackMs = 60_000
/** One request to maestro-sync. */
export const syncTimeoutMs = 10_000
/** How long a lease lasts: the effect's own time-out, and room to write how it ended. */
export const leaseMs = 45_000
/** A person's time to decide on an approval: seven days. */
export const approvalTtlMs = 7 * 86_400_000
/** Fetching the flag before the first lease of a wake; a slow flag must not stop work for longer. */
export const flagTimeoutMs = 3_000
/** A kill document as a compact JWS. */
export const killDocumentBytesMax = 4_096
/** The answer that brings it: its JSON, its JWS, and the newest one that loosened. */
export const flagBytesMax = 16_384
/** The longest the worker stays awake for work that is not due yet; sync events end at three minutes. */
export const lingerMs = 20_000
/** Answer bodies read from an effect's back end. */
export const answerBytesMax = 256 * 1024
/** One answer of a kit: longer than the one request that it may need. */
export const hookMs = 15_000
/** Agents whose sessions are kept for one person. */
export const policyAgentsMax = 16
/** Things a user said to one agent in one session; the newest count. */
export const policySaidMax = 32
/** Texts that one agent has read in one session; what is forgotten still taints. */
export const policySeenMax = 64
/** Characters of what was said, and of what was read, in one session: what can be judged within a few milliseconds. */
export const policyCharsMax = 192 * 1024
/** Calls of one agent that a session remembers. */
export const policyPastMax = 256
/** Remembered grants, and endorsed values, of one person. */
export const policyRememberedMax = 256
/** How often one remembered grant may be used at most, and for how long: thirty days. */
export const policyGrantUsesMax = 100
export const policyGrantMsMax = 30 * 86_400_000
/** A model's file; what a worker can hold beside its runtime. */
export const modelBytesMax = 32 * 1024 * 1024
/** Fetching a model, and making a session of it. */
export const modelTimeoutMs = 20_000
/** Numbers in one inference's inputs, and in its outputs. */
export const inferNumbersMax = 262_144
/** One inference; a model that takes longer is switched off, because nothing can interrupt it. */
export const inferTimeoutMs = 2_000
/** Inferences waiting at once: they run one after the other. */
export const inferQueueMax = 16
/** Text that the guard scores for one intent, as UTF-16 units; split evenly when there is more. */
export const guardCharsMax = 131_072
/** Texts whose score the guard keeps: an agent cites the same ones with call after call. */
export const guardKeptMax = 128
