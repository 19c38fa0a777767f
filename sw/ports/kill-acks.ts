/** Tells the server what this device has put in force: the only request that is made while MAESTRO is off. Never rejects. */
export interface KillAcks {
  send(statement: string): Promise<'taken' | 'device-unknown' | 'refused' | 'unreachable'>
  /** Registers this device's public key, which signed `proof` that it is this device's, under the person's token; false when that did not work. */
  register(deviceId: string, publicKey: string, token: string, proof: string): Promise<boolean>
}
