import { connect } from 'node:net'

/**
 * Firefox's own remote control, which every stock Firefox has: JSON behind its length, over TCP. Not BiDi: that needs a WebSocket, which Node 20
 * does not have, and Playwright's client of it starts with a command that Firefox ESR does not know.
 */
export type Marionette = {
  /** One command at a time, in the order of the calls: many of them mean the window or the context that an earlier one chose. */
  send<T>(name: string, params?: object): Promise<T>
  close(): void
}

type Asked = { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }
type Answer = readonly [type: number, id: number, error: { readonly error: string; readonly message: string } | null, value: unknown]

const GREETING_MS = 10_000
const COLON = ':'.charCodeAt(0)

/** Gives the whole messages of what has arrived, and the rest. */
const cut = (bytes: Buffer): { readonly messages: readonly string[]; readonly rest: Buffer } => {
  const messages: string[] = []
  for (let rest = bytes; ;) {
    const start = rest.indexOf(COLON) + 1
    const end = start + Number(rest.subarray(0, Math.max(0, start - 1)))
    if (start === 0 || rest.length < end) return { messages, rest }
    messages.push(rest.subarray(start, end).toString('utf8'))
    rest = rest.subarray(end)
  }
}

export const connectMarionette = async (port: number): Promise<Marionette> => {
  const socket = connect(port, '127.0.0.1')
  let bytes: Buffer = Buffer.alloc(0)
  let ids = 0
  let asked: Asked | undefined
  let last: Promise<unknown> = new Promise((resolve, reject) => (asked = { resolve, reject }))

  const hear = (text: string): void => {
    const { resolve, reject } = asked ?? {}
    asked = undefined
    const message = JSON.parse(text) as Answer | object
    if (!Array.isArray(message)) return resolve?.(message)
    const [, , error, value] = message as unknown as Answer
    if (error === null) resolve?.(value)
    else reject?.(new Error(`${error.error}: ${error.message}`))
  }

  socket.on('data', (chunk) => {
    const { messages, rest } = cut(Buffer.concat([bytes, chunk]))
    bytes = rest
    messages.forEach(hear)
  })
  socket.on('error', () => undefined)
  socket.on('close', () => asked?.reject(new Error('Firefox takes no commands')))

  const ask = (name: string, params: object): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (socket.destroyed) return reject(new Error('Firefox has gone'))
      asked = { resolve, reject }
      const text = JSON.stringify([0, (ids += 1), name, params])
      socket.write(`${Buffer.byteLength(text)}:${text}`)
    })

  const late = setTimeout(() => socket.destroy(), GREETING_MS)
  // It speaks first.
  await last.finally(() => clearTimeout(late))

  return {
    send: <T>(name: string, params: object = {}): Promise<T> => {
      const answer = last.then(() => ask(name, params))
      last = answer.catch(() => undefined)
      return answer as Promise<T>
    },
    close: () => void socket.destroy(),
  }
}
