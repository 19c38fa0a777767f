/** Whether the browser believes there is a network. `true` may be wrong (captive portals), `false` is not. */
export interface Network {
  online(): boolean
}

export type NetworkDep = { readonly network: Network }
