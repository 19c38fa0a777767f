/** Bounds of the functions (law 9), each with its unit and reason. */
export const LIMITS = {
  /** Bytes of a claim: names, digests and a report. */
  claimBytesMax: 16 * 1024,
  /** Bytes of a completion: a result's envelope as base64url (256 KiB of answer make 350 KiB). */
  completeBytesMax: 640 * 1024,
  /** Items of a batch, claims, completions and audit entries together: one group commit of a device. */
  batchItemsMax: 500,
  /** Bytes of a batch: 500 items with small results, or one item with the largest. */
  batchBytesMax: 1024 * 1024,
  /** Bytes of a flip: a signed document and its JSON, or an action with whom it is for. */
  flagBytesMax: 6 * 1024,
  /** Bytes of a kill document or of a device's statement about one, as a compact JWS. */
  killDocumentBytesMax: 4 * 1024,
  /** Whom one kill document can name. */
  killScopesMax: 16,
  /** Tries to put a document in force while other operators do the same. */
  killTriesMax: 30,
  /** Streams of kill documents that one process holds; beyond it pages poll. */
  killStreamsMax: 5_000,
  /** Events that a stream may be behind; one that nobody reads is ended. */
  killBacklogMax: 100,
  /** Milliseconds between two signs of life on a stream; proxies cut what is silent for longer. */
  killBeatMs: 15_000,
  /** Milliseconds between two looks for a new document while streams are held; only a lost notification is found by them. */
  killLookMs: 2_000,
  /** Unproven devices that coverage lists by name. */
  killUnprovenMax: 500,
  /** Seconds within which a device was seen to be expected to prove a document, when the operator names none: a day. */
  killSeenS: 86_400,
  /** Statements about kill documents of one device in one window: one for each document, and what was lost again. */
  ackDeviceMax: 30,
  /** Statements in one window, of all devices that have not proven themselves to this process. */
  ackStrangersMax: 200,
  /** Requests of one principal in one window; a drain of 500 with retries stays far below. */
  rateMax: 10_000,
  /** Milliseconds of that window. */
  rateWindowMs: 10_000,
  /** Principals whose windows are remembered at once; beyond it the oldest is forgotten. */
  ratePrincipalsMax: 10_000,
  /** Milliseconds one statement may take, waiting for locks included. */
  statementMs: 8_000,
  /** Milliseconds the auth server may take. */
  authMs: 5_000,
  /** Milliseconds what health read of the database is given again: whoever asks without a token must not be able to keep the database busy. */
  healthKeepMs: 10_000,
  /** Milliseconds counts over whole tables are given to operators again. */
  countsKeepMs: 60_000,
  /** Entries of an audit chain that one statement recomputes. */
  auditPartMax: 5_000,
  /** Milliseconds one request goes on recomputing a chain; whoever asked goes on from there. */
  auditVerifyMs: 1_500,
  /** Milliseconds health waits for the database. */
  healthMs: 2_500,
  /** Milliseconds the kill version of the answers' header may be old. */
  killVersionMs: 500,
  /** Seconds a kill document may be accepted after it was fetched: seven days. */
  killLifetimeS: 7 * 86_400,
  /** Milliseconds counts of claims are gathered before the database is told. */
  claimCountsMs: 2_000,
  /** Escalations of one person that the alert's window counts. */
  escalationsMax: 100,
  /** Rows of one page of a list. */
  pageMax: 500,
  /** Seconds after a lease's end from which an unfinished receipt counts as stuck. */
  stuckS: 15 * 60,
  /** Seconds of the window over which claim failures are judged. */
  claimWindowS: 15 * 60,
  /** Seconds of the window over which escalations are counted. */
  escalationWindowS: 60 * 60,
  /** Seconds a caller is asked to wait while the database is away. */
  retryAfterS: 5,
} as const
