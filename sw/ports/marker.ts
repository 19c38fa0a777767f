/** A sign that this origin has kept data before. It survives the deletion of every database, and goes with the whole site's data. */
export interface Marker {
  read(): Promise<boolean>
  write(): Promise<void>
}

export type MarkerDep = { readonly marker: Marker }
