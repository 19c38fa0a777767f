/** Bounds of the memory kit (law 9), each with its unit and its reason. */

/** T2 without a time of its own: one day. */
export const t2TtlMs = 86_400_000
/** The longest time a T2 record may ask for: what must stay longer belongs into T1. */
export const ttlMsMax = 90 * 86_400_000
/** A record's key and a subject's name, in characters. */
export const memoryKeyCharsMax = 255
/** A record's value as canonical bytes: what an intent's parameters may have. */
export const valueBytesMax = 64 * 1024
/** T3 records that make room at once when the disk is full. */
export const dropAtOnce = 50
/** Records of the timeline on one device; beyond it the oldest go. Looked at after so many appends. */
export const t3RowsMax = 10_000
export const t3LookedAtEvery = 500
/** Rows opened side by side: enough to keep the crypto threads busy, few enough to let events through. */
export const openedAtOnce = 250
/** Newest rows of a tier that one search reads. */
export const searchedMax = 5_000
/** Likeness below which two texts mean different things. */
export const likenessMin = 0.5
/** Records on one page. */
export const memoryPageMax = 200
/** Envelopes in one request, and their bytes before base64url: the server takes 1 MiB. */
export const pushItemsMax = 200
export const pushBytesMax = 512 * 1024
/** Requests of one synchronisation; what is left goes with the next. */
export const syncRounds = 50
/** Values of other devices that a record keeps beside the one that won. */
export const othersMax = 5
