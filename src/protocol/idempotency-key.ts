import * as LIMITS from './limits.ts'
import * as v from './schema.ts'

/** An idempotency key is the app's own text: 1 to 255 characters, well-formed, no control characters. */
export const KeySchema = v.pipe(
  v.string(),
  v.maxLength(LIMITS.keyCharsMax),
  v.check((key) => key !== '' && key.isWellFormed() && !/\p{Cc}/u.test(key), 'empty, control character or lone surrogate'),
)
