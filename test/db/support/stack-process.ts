/** A process that runs a stack in the folder of its first argument, says `ready`, and stops it on SIGTERM. */
import { startStack } from '../../../supabase/local/stack.ts'

const stack = await startStack({ dataDir: process.argv[2] ?? '', enabled: true, version: '1.0.0' })
process.once('SIGTERM', () => void stack.stop().then(() => process.exit(0)))
setInterval(() => undefined, 1_000)
await stack.sql`create table if not exists probe (id int primary key)`
await stack.sql`insert into probe values (1) on conflict do nothing`
process.stdout.write('ready\n')
