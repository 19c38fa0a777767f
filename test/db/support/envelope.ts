/** Text of an envelope's form: version 1, suite 1, epoch 1, then bytes that nobody could open. */
export const envelope = (fill = 7, bytes = 120): string =>
  Buffer.concat([Buffer.from([1, 1, 0, 0, 0, 1]), Buffer.alloc(bytes, fill)]).toString('base64url')
