/** Asks through the published client, and follows the kill document as a page does. */
import { MaestroClient } from '../../../src/client/index.ts'
import { followKillswitch } from '../../../src/killswitch/index.ts'
import { INTENT } from '../pages/intent.ts'

const client = await MaestroClient.connect({ worker: `./sw.js${location.search}`, enabled: true })
followKillswitch(client)

Object.assign(globalThis, { client, intent: INTENT })
