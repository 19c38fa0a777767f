import './style/tokens.css'
import './style/base.css'
import './style/frame.css'
import './style/controls.css'
import './style/cards.css'
import './style/assistant.css'
import './style/room.css'
import { MaestroClient } from '../../client/index.ts'
import type { Failure } from '../../client/index.ts'
import { followKillswitch } from '../../killswitch/index.ts'
import { WHEN_OFF } from '../actions/actions.ts'
import type { Connected } from './app/connected.ts'
import { showFailure, showLoading } from './app/loading.ts'
import { showShell } from './app/shell.ts'
import { showSignedOut } from './app/signed-out.ts'

const root = document.querySelector<HTMLElement>('#app') ?? document.body
const NOBODY = 'nobody'
const user = new URLSearchParams(location.search).get('user') ?? 'demo'

/** Signs in only when somebody else is, or nobody: a page that opens offline keeps the session the worker has. */
const signIn = async (client: Connected): Promise<Failure | null> =>
  client.off !== null || client.snapshot?.principal?.user === user ? null : client.signIn({ email: `${user}@example.com`, password: user })

/** A page that was opened while MAESTRO was off signs in when it comes back. */
const signInOnceOn = (client: Connected): void => {
  const stop = client.subscribe(() => {
    if (client.off !== null) return
    stop()
    void signIn(client)
  })
}

const start = async (): Promise<void> => {
  if (user === NOBODY) return showSignedOut(root)
  showLoading(root)
  let client: Connected
  try {
    client = await MaestroClient.connect({ worker: import.meta.env.VITE_DEMO_WORKER ?? '/sw.js', whenOff: WHEN_OFF })
  } catch (problem) {
    const reason = problem instanceof Error ? problem.message : String(problem)
    return showFailure(root, 'The worker cannot be reached', reason, () => void start())
  }
  if (client.off !== 'env' && client.off !== 'window') followKillswitch(client)
  const refused = await signIn(client)
  if (refused !== null) return showFailure(root, 'Signing in did not work', refused.message, () => void start())
  if (client.off !== null) signInOnceOn(client)
  showShell(root, client, user)
  window.maestro = client
}

void start()
