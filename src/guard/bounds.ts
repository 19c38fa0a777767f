/** Bounds of the guard (law 9): whatever text comes in, scoring it ends: an ordinary paragraph within a millisecond, the longest and most hostile text within some tenths of a second. */

/** Longest text that is looked at, UTF-16 units: more than one source or one intent's parameters can hold. What is cut off is cut from the middle. */
export const textCharsMax = 65_536
/** One window that is scored as a whole: about a paragraph, so that a benign page around it cannot dilute it. */
export const windowChars = 480
/** Distance between two windows; less than a window, so that nothing falls between two. */
export const strideChars = 320
/** Encoded passages (base64) of one text that are opened. */
export const decodedMax = 16
/** Opened passages together, UTF-16 units. */
export const decodedCharsMax = 16_384
