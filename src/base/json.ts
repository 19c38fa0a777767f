/** Values that survive JSON and canonical encoding unchanged. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject

export type JsonObject = { readonly [name: string]: Json }
