// MAESTRO rollback, phase 2, for the console of an open page: removes what MAESTRO keeps in this browser. Answers what was removed and what still
// stands (only the memory of a stop is kept: `maestro-gate`); refuses while work is unsent, unless `force` is true, because that work would be lost. Deploy the disabled build first, or it comes back.
;(async ({ force = false, worker = false } = {}) => {
  const ours = async () => (await indexedDB.databases()).map(({ name }) => name).filter((name) => name?.startsWith('maestro_'))
  const settle = (request) =>
    new Promise((resolve) => {
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => resolve(null)
    })
  const countUnsent = async () => {
    if (!(await ours()).includes('maestro_ledger')) return 0
    const ledger = await settle(indexedDB.open('maestro_ledger'))
    if (ledger === null) return 0
    const count = ledger.objectStoreNames.contains('receipts')
      ? await settle(ledger.transaction('receipts').objectStore('receipts').index('open').count())
      : 0
    ledger.close()
    return count ?? 0
  }
  const unsent = await countUnsent()
  if (unsent > 0 && !force)
    return {
      cleared: false,
      unsent,
      say: `${unsent} actions were not sent, or the server does not know of them yet. Send or export them first, or call again with { force: true }.`,
    }
  const remove = (name) =>
    new Promise((resolve) => {
      const request = indexedDB.deleteDatabase(name)
      request.onsuccess = () => resolve(true)
      request.onerror = () => resolve(false)
      request.onblocked = () => setTimeout(() => resolve(false), 5_000)
    })
  const databases = await ours()
  await Promise.all(databases.map(remove))
  const caches_ = (await caches.keys()).filter((name) => /^maestro[-_:]/.test(name) && name !== 'maestro-gate')
  await Promise.all(caches_.map((name) => caches.delete(name)))
  const keys = []
  for (const storage of [localStorage, sessionStorage])
    for (const key of Object.keys(storage).filter((name) => name.startsWith('maestro:'))) {
      storage.removeItem(key)
      keys.push(key)
    }
  if (worker) for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister()
  const left = await ours()
  return { cleared: left.length === 0, databases, caches: caches_, keys, left, unsent }
})()
