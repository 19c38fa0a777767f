/** Enqueues through the published client. */
import { MaestroClient } from '../../../src/client/index.ts'
import { INTENT } from '../pages/intent.ts'
import { publish } from '../pages/publish.ts'

const client = await MaestroClient.connect({ worker: '/ours/sw.js', enabled: true })

publish(async () => {
  const handle = await client.execute('bench.enqueue', INTENT)
  if (handle.status !== 'queued') throw new Error(`not enqueued but ${handle.status}`)
})
