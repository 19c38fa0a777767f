import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADVICE } from './support/advice.ts'
import { START_MS, testStack } from './support/test-stack.ts'
import type { TestStack } from './support/test-stack.ts'

/** What each advice must find: planted in a transaction that is taken back. */
const PLANTED: Readonly<Record<keyof typeof ADVICE, string>> = {
  unindexed_foreign_keys: 'create table public.maestro_x (id int primary key, other int references public.maestro_x (id))',
  no_primary_key: 'create table public.maestro_x (id int)',
  duplicate_index:
    'create table public.maestro_x (id int, other int); create index maestro_x1 on public.maestro_x (other); create index maestro_x2 on public.maestro_x (other)',
  rls_disabled_in_public: 'create table public.maestro_x (id int primary key)',
  multiple_permissive_policies:
    'create table public.maestro_x (id int); create policy a on public.maestro_x for select to anon using (true); create policy b on public.maestro_x to anon using (id = 1)',
  auth_rls_initplan:
    'create table public.maestro_x (id text); create policy a on public.maestro_x for select using (id = public.maestro_caller_tenant())',
  rls_references_user_metadata: `create table public.maestro_x (id text);
    create policy a on public.maestro_x for select using (id = ((select current_setting('request.jwt.claims', true))::jsonb -> 'user_metadata' ->> 'id'))`,
  rls_policy_always_true: 'create table public.maestro_x (id text); create policy a on public.maestro_x for insert with check (true)',
  function_search_path_mutable: 'create function public.maestro_x() returns int language sql as $$ select 1 $$',
  security_definer_view: 'create view public.maestro_x as select 1 as one',
  materialized_view_in_api: 'create materialized view public.maestro_x as select 1 as one',
  anon_security_definer_function_executable: 'create function public.maestro_x() returns int language sql security definer as $$ select 1 $$',
}
let stack: TestStack

beforeAll(async () => {
  stack = await testStack()
}, START_MS)
afterAll(() => stack.remove(), START_MS)

test.each(Object.entries(ADVICE))('the database is clean of %s', async (_name, query) => {
  expect(Array.from(await stack.sql.unsafe(query))).toEqual([])
})

test.each(Object.entries(ADVICE))('%s finds what is planted', async (name, query) => {
  const taken = new Error('taken back')
  let found = 0
  const planting = stack.sql.begin(async (tx) => {
    await tx.unsafe(PLANTED[name] ?? '')
    found = (await tx.unsafe(query)).length
    throw taken
  })
  await expect(planting).rejects.toBe(taken)
  expect(found).toBeGreaterThan(0)
})
