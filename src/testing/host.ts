/**
 * What the browser does with a worker: starts it for an event, lets it go when it has been idle, ends an event that takes
 * too long, sends a page's unanswered call again to the next worker, and fires Background Sync.
 */
import type { CommandName } from '../protocol/commands.ts'
import type { Failure } from '../protocol/failure.ts'
import { isOff } from '../../sw/core/gate-state.ts'
import type { Device } from './device.ts'
import type { Site } from './site.ts'
import { startWorker, type Worker } from './worker.ts'

const IDLE_MS = 30_000
const EVENT_MS = 300_000
const TRIES = 6

export type Reply = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: Failure }

export type Host = {
  /** A page's call; `null` when no worker ever answered it. */
  command(device: Device, slot: number, name: CommandName, args: unknown): Promise<Reply | null>
  wakeUp(device: Device, slot: number): void
  sync(device: Device): void
  stop(device: Device, why: string): void
}

export function createHost(site: () => Site): Host {
  let count = 0
  const busy = new Map<Worker, number>()

  const ensure = (device: Device, slot: number): Worker => {
    const there = device.workers[slot]
    if (there) return there
    count += 1
    const worker = startWorker(site(), device, slot, `w${device.index}.${slot}.${count}`)
    device.workers[slot] = worker
    site().world.trace.add(`${worker.generation.name} starts`)
    return worker
  }

  /** One event: `true` when it ended, `false` when its worker died first. */
  const event = (device: Device, slot: number, work: (worker: Worker) => Promise<unknown>): Promise<boolean> => {
    const worker = ensure(device, slot)
    const { scheduler } = site().world
    const { generation } = worker
    busy.set(worker, (busy.get(worker) ?? 0) + 1)
    return new Promise((resolve) => {
      const tooLong = scheduler.add(EVENT_MS, () => generation.die('an event took too long'), { background: true })
      generation.onDeath(() => {
        tooLong()
        resolve(false)
      })
      const end = (): void => {
        tooLong()
        const left = (busy.get(worker) ?? 1) - 1
        busy.set(worker, left)
        if (left === 0) scheduler.add(IDLE_MS, () => busy.get(worker) === 0 && generation.die('idle'), { background: true })
        resolve(true)
      }
      work(worker).then(end, (error: unknown) => {
        site().world.trace.add(`${generation.name} event failed`, String(error))
        end()
      })
    })
  }

  const drain = async ({ runtime }: Worker, hint?: { isNetworkBack: boolean }): Promise<boolean> => runtime().pump.drain(hint)

  return {
    async command(device, slot, name, args) {
      for (let tries = 0; tries < TRIES; tries++) {
        let reply: Reply | null = null
        let told: () => void = () => undefined
        const answered = new Promise<void>((resolve) => {
          told = resolve
        })
        const ended = event(device, slot, async (worker) => {
          const runtime = worker.runtime()
          await runtime.gate.load()
          const gate = runtime.gate.view()
          await runtime.prepare()
          site().laws.onCommand(worker, name, args)
          reply = (await runtime.commands[name](args as never, { gate }).catch((error: unknown) => site().laws.onFault(name, error))) as Reply
          site().laws.onReply(worker, name, args, reply)
          told()
          if (!isOff(gate)) site().laws.onDrained(worker, await drain(worker))
        })
        await Promise.race([answered, ended])
        if (reply !== null) return reply
      }
      return null
    },
    wakeUp(device, slot) {
      void event(device, slot, async (worker) => {
        await worker.runtime().prepare()
        await drain(worker, { isNetworkBack: true })
      })
    },
    sync(device) {
      let isDrained = false
      device.marker = false
      void event(device, 0, async (worker) => {
        await worker.runtime().prepare()
        isDrained = await drain(worker, { isNetworkBack: true })
      }).then((isEnded) => {
        if (isEnded && isDrained) device.syncTries = 0
        else if (device.syncTries < 3) {
          device.syncTries += 1
          site().mark(device)
        } else device.syncTries = 0
      })
    },
    stop(device, why) {
      for (const worker of device.workers) worker?.generation.die(why)
    },
  }
}
