/**
 * One run of a worker. Every call it makes of a port is a numbered await.
 *
 * A worker can die at two points of each: before the call takes effect, and after it took effect but before the worker is
 * told. What it computes between two calls the world cannot see, so these are all the deaths that can be told apart. From
 * then on none of its calls resolves, later calls are ignored, a transaction that was not complete is lost, and a request
 * that had left may arrive or not.
 */
import type { World } from './world.ts'

export type CallOptions = {
  /** Virtual ms until the call takes effect; 0 when absent. */
  readonly arriveMs?: number
  /** Virtual ms from there until the worker is told; absent: at once. */
  readonly answerMs?: number
  /** Calls of one lane take effect in the order they were made. */
  readonly lane?: string
  /** Whether it takes effect though its worker is gone. */
  readonly survives?: boolean
  /** When nobody has answered by then, the worker gets `orElse`. */
  readonly timeoutMs?: number
  readonly background?: boolean
}

export type Generation = {
  readonly name: string
  readonly isAlive: () => boolean
  die(why: string): void
  onDeath(listener: () => void): void
  call<T>(site: string, detail: string, options: CallOptions, apply: () => T, orElse?: () => T): Promise<T>
}

/** A new one each time: what awaits a shared one would be kept for ever. */
const never = (): Promise<never> => new Promise(() => undefined)

export function createGeneration(world: World, name: string): Generation {
  let isAlive = true
  const listeners: (() => void)[] = []

  const die = (why: string): void => {
    if (!isAlive) return
    isAlive = false
    world.trace.add(`${name} dies`, why)
    for (const listener of listeners) listener()
  }

  function call<T>(site: string, detail: string, options: CallOptions, apply: () => T, orElse?: () => T): Promise<T> {
    if (!isAlive) return never()
    const number = ++world.awaits
    const death = world.killAt(number)
    world.trace.add(`${name} #${number} ${site} ${detail}`)
    const killedHere = (when: string): void => {
      world.killed += 1
      world.count(`kill ${when}`)
      die(`killed at await ${number}, ${when}`)
    }
    if (death === 'before') {
      killedHere('before')
      return never()
    }
    return new Promise<T>((resolve, reject) => {
      let isTold = false
      let giveUp: () => void = () => undefined
      const tell = (what: () => T): void => {
        if (isTold || !isAlive) return
        isTold = true
        giveUp()
        if (death === 'after') return killedHere('after')
        try {
          resolve(what())
        } catch (error) {
          reject(error as Error)
        }
      }
      const background = options.background === undefined ? {} : { background: options.background }
      const lane = options.lane === undefined ? {} : { lane: options.lane }
      world.scheduler.add(
        options.arriveMs ?? 0,
        () => {
          if (!isAlive && options.survives !== true) return
          let outcome: () => T
          try {
            const value = apply()
            outcome = () => value
          } catch (error) {
            outcome = () => {
              throw error
            }
          }
          if (options.answerMs === undefined) tell(outcome)
          else world.scheduler.add(options.answerMs, () => tell(outcome), background)
        },
        { ...lane, ...background },
      )
      if (options.timeoutMs !== undefined && orElse) giveUp = world.scheduler.add(options.timeoutMs, () => tell(orElse), background)
      listeners.push(() => giveUp())
    })
  }

  return { name, isAlive: () => isAlive, die, onDeath: (listener) => void listeners.push(listener), call }
}
