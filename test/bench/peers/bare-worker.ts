/** The least that is durable: one call, one strict put of plain text. */
import { openDB } from 'idb'
import { serve } from './serve.ts'

const opened = openDB('bare', 1, { upgrade: (database) => void database.createObjectStore('rows') })

serve({
  enqueue: async (key, params) => {
    const tx = (await opened).transaction('rows', 'readwrite', { durability: 'strict' })
    await Promise.all([tx.store.put(params, key), tx.done])
  },
  // It sends nothing: only its enqueue is compared.
  release: () => Promise.resolve(),
  waiting: async () => (await opened).count('rows'),
})
