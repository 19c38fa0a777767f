import type { Runtime } from '../../sw/runtime/runtime.ts'
import { createRuntime } from '../../sw/runtime/runtime.ts'
import type { Device } from './device.ts'
import { createGeneration, type Generation } from './generation.ts'
import { createPorts } from './ports.ts'
import { createRng, type Rng } from './rng.ts'
import type { Site } from './site.ts'

/** One worker: the real runtime over simulated ports, from its boot to its death. */
export type Worker = {
  readonly generation: Generation
  readonly device: Device
  readonly slot: number
  readonly rng: Rng
  readonly runtime: () => Runtime
  /** Mutual exclusion across the workers of a device, unless the plan breaks it. Granted when its holder is done or dead. */
  hold<T>(name: string, work: () => Promise<T>): Promise<T>
}

export function startWorker(site: Site, device: Device, slot: number, name: string): Worker {
  const { world } = site
  const generation = createGeneration(world, name)
  const worker: Worker = {
    generation,
    device,
    slot,
    rng: createRng(`${world.plan.seed}/${name}`),
    runtime: () => runtime,
    async hold(lockName, work) {
      const isBroken = world.plan.devices[device.index]?.isLockBroken === true && !world.isHealing
      const lock = device.locks.get(lockName) ?? { holder: null, queue: [] }
      device.locks.set(lockName, lock)
      let isReleased = false
      const release = (): void => {
        isReleased = true
        if (lock.holder !== name) return
        lock.holder = null
        lock.queue.shift()?.grant()
      }
      generation.onDeath(release)
      await new Promise<void>((granted) => {
        const grant = (): void => {
          if (isReleased) return
          lock.holder = name
          granted()
        }
        void generation.call('lock', lockName, {}, () => {
          if (isBroken && lock.holder !== null) world.count('lock broken')
          if (isBroken || lock.holder === null) grant()
          else lock.queue.push({ name, grant })
        })
      })
      try {
        return await work()
      } finally {
        release()
      }
    },
  }
  generation.onDeath(() => {
    for (const lock of device.locks.values()) {
      const waiting = lock.queue.filter((other) => other.name !== name)
      lock.queue.splice(0, lock.queue.length, ...waiting)
    }
    if (device.workers[slot] === worker) device.workers[slot] = null
  })
  const ports = createPorts(site, worker)
  const runtime = createRuntime(ports, {
    boot: ports.random.hex(8),
    actions: site.builds[device.build] ?? {},
    directories: site.directories,
    origin: 'https://app.example',
    isBuiltOn: true,
  })
  return worker
}
