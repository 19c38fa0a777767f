import type postgres from 'postgres'
import type { Caller } from '../_shared/caller.ts'
import { inRole } from '../_shared/in-role.ts'

export type Passkey = { readonly id: string; readonly alg: 'ES256' | 'EdDSA'; readonly key: string; readonly rp: string }

/** A person's passkeys, oldest first; those that were revoked are not among them. */
export const readPasskeys = async (sql: postgres.Sql, caller: Caller): Promise<readonly Passkey[]> => {
  const [rows] = await inRole(sql, { role: 'authenticated', caller }, (tx) => [
    tx`select credential_id as id, algorithm as alg, public_key as key, rp_id as rp from public.maestro_passkeys
      where tenant_id = ${caller.tenant} and principal_id = ${caller.principal} and revoked_at is null order by created_at, credential_id`,
  ])
  return (rows ?? []) as unknown as readonly Passkey[]
}

/** Adds one; false when it may not be. */
export const addPasskey = async (sql: postgres.Sql, { tenant, principal }: Caller, { id, alg, key, rp }: Passkey): Promise<boolean> => {
  const [rows] = await inRole(sql, { role: 'service_role' }, (tx) => [
    tx`select public.maestro_register_passkey(${tenant}, ${principal}, ${id}, ${alg}, ${key}, ${rp}) as added`,
  ])
  return rows?.[0]?.['added'] === true
}
