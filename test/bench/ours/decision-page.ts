/** Asks the worker for the times of so many decisions. */
const { serviceWorker } = navigator
const registration = await serviceWorker.register('./sw.js')
await serviceWorker.ready
serviceWorker.startMessages()

const decide = (count: number): Promise<readonly number[]> =>
  new Promise((resolve) => {
    serviceWorker.addEventListener('message', ({ data }: MessageEvent<readonly number[]>) => resolve(data), { once: true })
    registration.active?.postMessage(count)
  })

Object.assign(globalThis, { decide })

export {}
