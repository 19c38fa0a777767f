/**
 * What a worker finds of its keys when it starts. A canary sealed by the last worker is opened by this one; a marker outside the databases
 * tells a first run from a loss.
 */
import type { KeyState } from '../../src/protocol/memory.ts'
import { bytesToUtf8, utf8ToBytes } from '../../src/base/bytes.ts'
import type { KeyringDep, SealContext } from '../ports/keyring.ts'
import type { LogLine } from '../../src/protocol/messages.ts'
import type { MarkerDep } from '../ports/marker.ts'
import type { SecretStoreDep } from '../ports/secret-store.ts'

const CONTEXT: SealContext = { store: 'maestro_secrets', record: 'start-canary', owner: 'device', shape: 1 }
const NAME = 'start-canary'
const TEXT = 'canary'

type Deps = KeyringDep & MarkerDep & SecretStoreDep & { readonly tell: (line: LogLine) => void }

/** One notice for each start that lost something; a first run is none. */
const NOTICES: Partial<Record<KeyState, string>> = {
  KEY_NULL: '[MAESTRO] Device key lost: what was sealed under it is set aside, and work goes on under a new key',
  KEY_MISMATCH: '[MAESTRO] Device key changed: what was sealed under the old one is set aside, and work goes on under a new key',
  DATA_LOSS: '[MAESTRO] This device kept data before and has lost it: what the server has can be restored by unlocking',
}

export async function classifyKeys({ keyring, marker, secrets, tell }: Deps): Promise<KeyState> {
  const wasHere = await marker.read().catch(() => false)
  const sealed = await secrets.get(NAME)
  const started = await keyring.start()
  if (!started.ok) return started.error === 'KEY_NULL' ? 'KEY_NULL' : started.error === 'KEY_MISMATCH' ? 'KEY_MISMATCH' : 'DB_UNOPENABLE'
  const plain = sealed instanceof Uint8Array ? await keyring.open(CONTEXT, sealed) : null
  const isSame = plain?.ok === true && bytesToUtf8(plain.value) === TEXT
  const found: KeyState = isSame
    ? 'OK'
    : plain
      ? started.value.made
        ? 'KEY_NULL'
        : 'KEY_MISMATCH'
      : wasHere && started.value.made
        ? 'DATA_LOSS'
        : 'FIRST_RUN'
  const notice = NOTICES[found]
  if (notice !== undefined) tell({ level: 'warn', text: notice })
  if (!isSame && started.value.durable) {
    await secrets.set(NAME, await keyring.seal(CONTEXT, utf8ToBytes(TEXT))).catch(() => undefined)
    await marker.write().catch(() => undefined)
  }
  return found
}
