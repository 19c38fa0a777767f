import type { Failure } from '../protocol/failure.ts'

const isFailure = (answer: unknown): answer is Failure => typeof answer === 'object' && answer !== null && 'retry' in answer

/** What a command answered; `null`, with the reason in words in `alert`, when it did not do what it should. A lost answer is said as what it is. */
export const told = async <T>(answer: Promise<T | Failure>, alert: HTMLElement): Promise<{ readonly value: T } | null> => {
  alert.textContent = ''
  const value: unknown = await answer.catch(() => undefined)
  if (value !== undefined && !isFailure(value)) return { value: value as T }
  alert.textContent = isFailure(value) ? value.message : LOST
  return null
}

export const LOST = 'No answer came. Please try again.'
