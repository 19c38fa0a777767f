/** A reading that is given again to whoever asks within a time, and at once to all who ask while it is made. What failed is not kept. */
export type Kept<T> = {
  /** `of`: what the reading holds for, a version for instance; of another one it is made anew. */
  read(of?: unknown): Promise<T>
}

/** `keepMs`: how old a reading may get, counted from when it began; at 0 only those who wait for the same one share it. */
export const createKept = <T>(make: () => Promise<T>, keepMs: number, now: () => number = Date.now): Kept<T> => {
  let last: { readonly of: unknown; readonly began: number; readonly value: Promise<T>; isDone: boolean } | null = null
  return {
    read(of) {
      const isSame = last !== null && last.of === of
      if (last !== null && isSame && (!last.isDone || now() - last.began < keepMs)) return last.value
      const mine = { of, began: now(), value: make(), isDone: false }
      last = mine
      mine.value.then(
        () => {
          mine.isDone = true
        },
        () => {
          if (last === mine) last = null
        },
      )
      return mine.value
    },
  }
}
