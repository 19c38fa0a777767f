import './style/tokens.css'
import './style/base.css'
import './style/frame.css'
import './style/controls.css'
import './style/cards.css'
import './style/assistant.css'
import './style/room.css'
import { MaestroClient } from '../../client/index.ts'
import type { Connected } from './app/connected.ts'
import { showFailure, showLoading } from './app/loading.ts'
import { showShell } from './app/shell.ts'

const root = document.querySelector<HTMLElement>('#app') ?? document.body
/** The local stack knows `demo` and `ben`; a user's password is the user's name. */
const user = new URLSearchParams(location.search).get('user') ?? 'demo'

const start = async (): Promise<void> => {
  showLoading(root)
  let client: Connected
  try {
    client = await MaestroClient.connect({ worker: '/sw.js' })
  } catch (problem) {
    const reason = problem instanceof Error ? problem.message : String(problem)
    return showFailure(root, 'The worker cannot be reached', reason, () => void start())
  }
  if (client.off === null && client.snapshot?.principal?.user !== user) {
    const refused = await client.signIn({ email: `${user}@example.com`, password: user })
    if (refused !== null) return showFailure(root, 'Signing in did not work', refused.message, () => void start())
  }
  showShell(root, client, user)
  window.maestro = client
}

void start()
