/**
 * SHA-256 (FIPS 180-4). Ours, because it must be synchronous (an IndexedDB transaction ends where WebCrypto is awaited) and a
 * library's is five times as large in the worker. It hashes what is public or sealed: nothing secret depends on its timing.
 *
 * Written for a worker that has just started: the loops call nothing, because in code that is not yet compiled a call costs ten times
 * what it does.
 */

const PRIMES: number[] = []
const isComposite = new Uint8Array(312)
for (let n = 2; n < isComposite.length; n++) {
  if (isComposite[n]) continue
  PRIMES.push(n)
  for (let multiple = n * n; multiple < isComposite.length; multiple += n) isComposite[multiple] = 1
}

/** The first 32 bits of the fraction of a root. None is nearer than 2^-40 to where it would turn: every engine's arithmetic gives the same. */
const fractionOf = (root: number): number => ((root % 1) * 2 ** 32) | 0

const ROUNDS = Int32Array.from(PRIMES, (prime) => fractionOf(Math.cbrt(prime)))
const INITIAL = Int32Array.from(PRIMES.slice(0, 8), (prime) => fractionOf(Math.sqrt(prime)))
/** One message schedule for all: hashing never yields. */
const words = new Int32Array(64)

type Eight = [number, number, number, number, number, number, number, number]

/** What typed arrays hold within their length is a number: the casts below say so. */
export function sha256(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array((((bytes.length + 8) >> 6) + 1) << 6)
  padded.set(bytes)
  padded[bytes.length] = 128
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, bytes.length / 2 ** 29)
  view.setUint32(padded.length - 4, bytes.length << 3)
  const state = INITIAL.slice()
  for (let block = 0; block < padded.length; block += 64) {
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(block + 4 * i)
    for (let i = 16; i < 64; i++) {
      const near = words[i - 2] as number
      const far = words[i - 15] as number
      words[i] =
        (((near >>> 17) | (near << 15)) ^ ((near >>> 19) | (near << 13)) ^ (near >>> 10)) +
        (((far >>> 7) | (far << 25)) ^ ((far >>> 18) | (far << 14)) ^ (far >>> 3)) +
        (words[i - 7] as number) +
        (words[i - 16] as number)
    }
    let [a, b, c, d, e, f, g, h] = state as unknown as Eight
    for (let i = 0; i < 64; i++) {
      const one =
        h +
        (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))) +
        ((e & f) ^ (~e & g)) +
        (ROUNDS[i] as number) +
        (words[i] as number)
      const two = (((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))) + ((a & b) ^ (a & c) ^ (b & c))
      h = g
      g = f
      f = e
      e = (d + one) | 0
      d = c
      c = b
      b = a
      a = (one + two) | 0
    }
    const mixed: Eight = [a, b, c, d, e, f, g, h]
    // A typed array keeps 32 bits of a sum.
    for (let i = 0; i < 8; i++) state[i] = (state[i] as number) + (mixed[i] as number)
  }
  const digest = new Uint8Array(32)
  const out = new DataView(digest.buffer)
  for (let i = 0; i < 8; i++) out.setInt32(4 * i, state[i] as number)
  return digest
}
