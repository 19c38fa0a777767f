/**
 * SHA-256 (FIPS 180-4). Ours, because the pure floors name calls and parameters by their digest and cannot wait for WebCrypto, and a
 * library's is five times as large in the worker. It hashes what is public or sealed: nothing secret depends on its timing.
 *
 * Written for a worker that has just started: the loops call nothing, because in code that is not yet compiled a call costs ten times
 * what it does, and the primes are not looked for.
 */

/** From each of the first 64 primes to the next, beginning at 0. */
const GAPS = '212242424626424662642646842424e462a2664662a242cc42462a6662642ae4'

/** The first 32 bits of the fraction of a root. None is nearer than 2^-40 to where it would turn: every engine's arithmetic gives the same. */
const fractionOf = (root: number): number => ((root % 1) * 2 ** 32) | 0

const ROUNDS = new Int32Array(64)
const INITIAL = new Int32Array(8)
for (let i = 0, prime = 0; i < 64; i++) {
  prime += Number.parseInt(GAPS[i] as string, 36)
  ROUNDS[i] = fractionOf(Math.cbrt(prime))
  // What is past its end, a typed array does not keep.
  INITIAL[i] = fractionOf(Math.sqrt(prime))
}
/** One message schedule for all: hashing never yields. */
const words = new Int32Array(64)

type Eight = [number, number, number, number, number, number, number, number]

/** In hex, of less than 512 MB. What typed arrays hold within their length is a number: the casts below say so. */
export function sha256(bytes: Uint8Array): string {
  const padded = new Uint8Array((((bytes.length + 8) >> 6) + 1) << 6)
  padded.set(bytes)
  padded[bytes.length] = 128
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 4, bytes.length * 8)
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
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}
