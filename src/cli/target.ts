import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { EXIT } from './exit-codes.ts'
import { Fault } from './fault.ts'
import type { Io } from './io.ts'
import { parseUrl } from './parse-url.ts'

/** The server that commands speak to. */
export type Target = {
  /** Without a slash at its end. */
  readonly url: string
  /** The folder of a local installation; may not exist. */
  readonly dataDir: string
  /** The operator's key. Throws a `Fault` (auth) when there is none. */
  key(): Promise<string>
}

type Asked = { readonly url: string | null; readonly keyFile: string | null; readonly data: string | null }

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

const readTrimmed = (path: string): Promise<string | null> =>
  readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => null,
  )

const checkedUrl = (text: string): string => {
  const url = parseUrl(text)
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new Fault(EXIT.usage, 'URL_INVALID', `"${text}" is not an http(s) address. Give --url https://…`)
  if (url.username !== '' || url.password !== '')
    throw new Fault(EXIT.usage, 'URL_INVALID', 'The address must not carry a name or password; use --key-file.')
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}

/**
 * Which server: `--url`, else `MAESTRO_URL`, else what a local stack wrote into its data folder (`url`), else this machine at `PORT` (5173).
 * Which key: `--key-file`, else `MAESTRO_KEY_FILE`, else the data folder's `admin.token`. A key is never taken from a flag: other users see those.
 */
export const findTarget = async (io: Io, asked: Asked): Promise<Target> => {
  const dataDir = resolve(io.cwd, asked.data ?? io.env['MAESTRO_DATA'] ?? '.maestro')
  const given = asked.url ?? io.env['MAESTRO_URL'] ?? (await readTrimmed(join(dataDir, 'url')))
  const url = checkedUrl(given ?? `http://localhost:${io.env['PORT'] ?? '5173'}`)
  return {
    url,
    dataDir,
    key: async () => {
      const { hostname, protocol } = new URL(url)
      if (protocol !== 'https:' && !LOOPBACK.test(hostname))
        throw new Fault(EXIT.auth, 'INSECURE_URL', `The operator’s key is not sent to ${url} over plain http. Use https.`)
      const named = asked.keyFile ?? io.env['MAESTRO_KEY_FILE']
      const path = resolve(io.cwd, named ?? join(dataDir, 'admin.token'))
      const key = await readTrimmed(path)
      if (key === null)
        throw new Fault(
          EXIT.auth,
          'KEY_MISSING',
          `The operator’s key cannot be read from ${path}. Give --key-file, or MAESTRO_DATA of a local stack.`,
        )
      if (!/^[\w\-.~+/=]{16,512}$/.test(key)) throw new Fault(EXIT.auth, 'KEY_INVALID', `${path} holds no operator’s key.`)
      return key
    },
  }
}
