import { own } from '../base/own.ts'
import { parseArgs, renderUsage } from 'citty'
import type { ArgsDef, CommandDef } from 'citty'
import { VERSION } from '../protocol/version.ts'
import type { Answer, Command, Context, Flag, Group } from './command.ts'
import { COMMANDS } from './commands.ts'
import { EXIT } from './exit-codes.ts'
import type { Exit } from './exit-codes.ts'
import { Fault } from './fault.ts'
import type { Io } from './io.ts'
import { findTarget } from './target.ts'

const COMMON: Readonly<Record<string, Flag>> = {
  url: { type: 'string', description: 'The server or Supabase project (MAESTRO_URL; a local stack by default)', valueHint: 'https://…' },
  'key-file': { type: 'string', description: 'File with the operator’s key (MAESTRO_KEY_FILE; the local admin.token by default)', valueHint: 'path' },
  data: { type: 'string', description: 'Data folder of a local stack (MAESTRO_DATA; .maestro by default)', valueHint: 'path' },
  json: { type: 'boolean', description: 'One JSON line on standard output' },
}

/** Flags that may stand before a command's name, with a value of their own. */
const TAKES_VALUE = new Set(['--url', '--key-file', '--data'])

const ENDINGS = 'Exit codes: 0 green, 1 red, 2 usage, 3 degraded, 4 auth, 5 stale, 6 refused, 7 not applicable.'

const isGroup = (entry: Command | Group): entry is Group => 'commands' in entry

type Found = { readonly path: readonly string[]; readonly entry: Command | Group; readonly rest: readonly string[] }

const find = (argv: readonly string[]): Found => {
  let entry: Command | Group = COMMANDS
  const path: string[] = []
  const rest = [...argv]
  while (isGroup(entry)) {
    const at = rest.findIndex((word, index) => !word.startsWith('-') && !TAKES_VALUE.has(rest[index - 1] ?? ''))
    const word = rest[at]
    if (word === undefined) break
    const next: Command | Group | undefined = own(entry.commands, word)
    if (next === undefined)
      throw new Fault(
        EXIT.usage,
        'COMMAND_UNKNOWN',
        `There is no command "${[...path, word].join(' ')}". Try: ${Object.keys(entry.commands).join(', ')}.`,
      )
    rest.splice(at, 1)
    path.push(word)
    entry = next
  }
  return { path, entry, rest }
}

const definition = ({ path, entry }: Found): CommandDef => ({
  meta: { name: ['maestro', ...path].join(' '), description: entry.describe, version: VERSION },
  ...(isGroup(entry)
    ? { subCommands: Object.fromEntries(Object.entries(entry.commands).map(([name, one]) => [name, { meta: { description: one.describe } }])) }
    : { args: { ...entry.flags, ...COMMON } as ArgsDef }),
})

const help = async (found: Found): Promise<string> => {
  // oxlint-disable-next-line no-control-regex -- colours are for a terminal that asked for them
  const usage = (await renderUsage(definition(found))).replaceAll(/\u001B\[\d+m/g, '')
  const examples = isGroup(found.entry) ? [] : ['', 'EXAMPLES', '', ...found.entry.examples.map((line) => `  ${line}`)]
  return [usage, ...examples, '', ENDINGS].join('\n')
}

const refuseUnknownFlags = (rest: readonly string[], flags: Readonly<Record<string, Flag>>): void => {
  for (const word of rest) {
    if (word === '--') return
    const name = /^--(?:no-)?([^=]+)/.exec(word)?.[1] ?? (/^-[a-z]/i.test(word) ? word : undefined)
    if (name !== undefined && (!Object.hasOwn(flags, name) || flags[name]?.type === 'positional'))
      throw new Fault(EXIT.usage, 'FLAG_UNKNOWN', `There is no flag "${word}" here. See --help.`)
  }
}

const contextOf = (io: Io, rest: readonly string[], flags: Readonly<Record<string, Flag>>): Context => {
  refuseUnknownFlags(rest, flags)
  let args: Readonly<Record<string, unknown>>
  try {
    args = parseArgs([...rest], Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, { required: false, ...flag }])) as ArgsDef)
  } catch (error) {
    throw new Fault(EXIT.usage, 'ARGUMENT_MISSING', `${error instanceof Error ? error.message : 'An argument is missing'}. See --help.`)
  }
  const given = Array.isArray(args['_']) ? args['_'].length : 0
  if (given > Object.values(flags).filter(({ type }) => type === 'positional').length)
    throw new Fault(EXIT.usage, 'ARGUMENT_EXTRA', 'There is one argument too many. See --help.')
  const text = (name: string): string | null => {
    const value = args[name]
    if (value === '') throw new Fault(EXIT.usage, 'ARGUMENT_EMPTY', `--${name} needs a value.`)
    return typeof value === 'string' ? value : null
  }
  return {
    io,
    text,
    on: (name) => args[name] === true,
    target: () => findTarget(io, { url: text('url'), keyFile: text('key-file'), data: text('data') }),
  }
}

const tell = (io: Io, json: boolean, { data, lines }: Answer): void =>
  io.out(json ? `${JSON.stringify(data)}\n` : lines.map((line) => `${line}\n`).join(''))

const complain = (io: Io, json: boolean, error: unknown): Exit => {
  const fault = error instanceof Fault ? error : new Fault(EXIT.red, 'UNEXPECTED', error instanceof Error ? error.message : String(error))
  if (json) io.out(`${JSON.stringify({ error: { code: fault.code, message: fault.message } })}\n`)
  else io.err(`maestro: ${fault.message} [${fault.code}]\n`)
  return fault.exit
}

/** Runs one command line and gives the exit code. Asks nothing, never throws. */
export const run = async (argv: readonly string[], io: Io): Promise<Exit> => {
  const json = argv.includes('--json')
  try {
    if (argv.length === 1 && argv[0] === '--version') {
      io.out(`${VERSION}\n`)
      return EXIT.green
    }
    const wantsHelp = argv.some((word) => word === '--help' || word === '-h')
    const found = find(argv.filter((word) => word !== '--help' && word !== '-h'))
    if (wantsHelp) {
      io.out(`${await help(found)}\n`)
      return EXIT.green
    }
    if (isGroup(found.entry)) {
      io.err(`${await help(found)}\n`)
      return EXIT.usage
    }
    const answer = await found.entry.run(contextOf(io, found.rest, { ...found.entry.flags, ...COMMON }))
    tell(io, json, answer)
    return answer.exit ?? EXIT.green
  } catch (error) {
    return complain(io, json, error)
  }
}
