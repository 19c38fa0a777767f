/**
 * Small values beside the keys: the session, which its owner seals, and this device's name, which is no secret. `undefined` when absent or
 * unreadable: absence is normal after a wipe.
 */
export interface SecretStore {
  get(name: string): Promise<unknown>
  set(name: string, value: Uint8Array): Promise<void>
  remove(name: string): Promise<void>
}

export type SecretStoreDep = { readonly secrets: SecretStore }
