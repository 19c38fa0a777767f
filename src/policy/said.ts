import { fold, nameParts } from './text.ts'

/** A user's own words, folded once. */
export type Said = { readonly text: string; readonly low: string }

export const saidOf = (texts: readonly string[]): Said => {
  const text = fold(texts.join('\n'))
  return { text, low: text.toLowerCase() }
}

const isPart = (char: string | undefined): boolean => char !== undefined && /[\p{L}\p{N}_]/u.test(char)
const isAddress = (text: string): boolean => /^\S*[@/.]\S*$/.test(text) && /[a-z]/i.test(text)
const hasWide = (text: string): boolean => /[\u3040-\u30FF\u3400-\u9FFF\uAC00-\uD7AF]/.test(text)

/** Whether the place [from, to) of a text is a whole: not a piece of a longer word, number or address. */
function isWhole(text: string, from: number, to: number, address: boolean): boolean {
  const [before, after, next] = [text[from - 1], text[to], text[to + 1]]
  if (isPart(before) || isPart(after)) return false
  if (!address) return true
  return !/[@/.+:-]/.test(before ?? '') && !/[@/_-]/.test(after ?? '') && !(/[.:?#]/.test(after ?? '') && isPart(next) && !/\p{Lu}/u.test(next ?? ''))
}

/** Places looked at in one text; a value that stands only behind so many others counts as not said. */
const PLACES_MAX = 500

/** Where `value` stands in `text` as a whole. After an address a full stop and a capital letter begin a new sentence. */
export function wholePlaces(text: string, value: string): readonly number[] {
  const found: number[] = []
  const address = isAddress(value)
  const wide = hasWide(value)
  let tries = 0
  for (let at = value === '' ? -1 : text.indexOf(value); at >= 0 && tries < PLACES_MAX; at = text.indexOf(value, at + 1), tries += 1)
    if (wide || isWhole(text, at, at + value.length, address)) found.push(at)
  return found
}

/** Words that a user puts beside a short value to say what it is: the parameter's own, and the usual ones. */
const usual = ['id', 'no', 'nr', 'number', 'nummer', 'numéro', 'número', 'numero', '#']

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

function isNamed(low: string, value: string, hints: readonly string[]): boolean {
  const names = [...usual, ...hints].map(escape).join('|')
  const whole = String.raw`(?<![\p{L}\p{N}])${escape(value)}(?![\p{L}\p{N}])`
  return new RegExp(
    String.raw`(?:["'“‘„«]${escape(value)}["'”’“»])|(?:(?<![\p{L}])(?:${names})s?\W{0,4}(?:(?:and|und|et|y|e|en|with|mit|id)\W{0,3})?${whole})`,
    'u',
  ).test(low)
}

const SHORT = 5

/** "…www.example.com.They": written as given, with a sentence right behind it. */
const isSaidBeforeSentence = (text: string, value: string): boolean => wholePlaces(text, value).length > 0

/** Ways to write a text value that mean the same: with and without scheme, `www.` and a last slash. */
const formsOf = (value: string): readonly string[] => {
  const bare = value.replace(/^[a-z]+:\/\//, '').replace(/\/$/, '')
  const short = bare.replace(/^www\./, '')
  return isAddress(value) ? [...new Set([value, bare, short, `www.${short}`, `https://${bare}`, `http://${bare}`])] : [value]
}

/** Whether the user said this very text: whole, and where it is short, quoted, capitalised as given, or named for what it is. */
export function isTextSaid({ text, low }: Said, value: string, hints: readonly string[]): boolean {
  const folded = fold(value)
  const wanted = folded.toLowerCase()
  if (wanted === '') return false
  if (hasWide(wanted)) return [...wanted].length > 1 && low.includes(wanted)
  if (!formsOf(wanted).some((form) => wholePlaces(low, form).length > 0) && !(isAddress(folded) && isSaidBeforeSentence(text, folded))) return false
  if (wanted.length >= SHORT && !/^\d+$/.test(wanted)) return true
  if (wanted.length > SHORT) return true
  if (/^\p{Lu}\p{L}+$/u.test(folded) && wholePlaces(text, folded).length > 0) return true
  return isNamed(low, wanted, hints)
}

const group = (digits: string, mark: string): string => digits.replace(/\B(?=(\d{3})+$)/g, mark)

/** How people write a number: 1200, 1,200.00, 1.200,00, 1 200. */
function writtenForms(value: number): readonly string[] {
  const size = Math.abs(value)
  const [whole = '', cents = '00'] = size.toFixed(2).split('.')
  const plain = String(size)
  const isWholeNumber = Number.isInteger(size)
  return [
    ...new Set([
      plain,
      plain.replace('.', ','),
      ...[',', '.', ' ', '’', "'"].flatMap((mark) => (isWholeNumber ? [group(whole, mark)] : [])),
      `${whole}.${cents}`,
      `${whole},${cents}`,
      `${group(whole, ',')}.${cents}`,
      `${group(whole, '.')},${cents}`,
      `${group(whole, '’')}.${cents}`,
    ]),
  ].filter((form) => isWholeNumber || Number(size.toFixed(2)) === size || form === plain || form === plain.replace('.', ','))
}

const MONEY = String.raw`(?:usd|eur|gbp|chf|jpy|inr|pln|dollars?|euros?|pounds?|bucks|yen|€|\$|£|¥|zł|kr|percent|%|元|円|원)`

/** Whether the user said this number as an amount: with a currency, with cents, or as a long number that is no part of a date, a time or a name. */
export function isNumberSaid({ low }: Said, value: number, hints: readonly string[]): boolean {
  if (!Number.isFinite(value)) return false
  return writtenForms(value).some((form) => {
    const alone = String.raw`(?<![\p{L}\p{N}_][.,:/-]?)${escape(form)}(?![.,:/-]?[\p{N}])(?![\p{L}_])`
    const money = String.raw`(?:${MONEY}\s?${escape(form)}(?![.,:/-]?\p{N}))|(?:(?<![\p{L}\p{N}][.,:/-]?)${escape(form)}\s?${MONEY})`
    if (new RegExp(money, 'u').test(low)) return true
    const isLong = /\d{3}/.test(form) || /[.,]\d\d$/.test(form)
    return isLong ? new RegExp(alone, 'u').test(low) : isNamed(low, form, hints)
  })
}

/** An abbreviation of the words beside the parameter's own name: `r` in "with read permissions". */
export function isAbbreviated({ low }: Said, value: string, param: string): boolean {
  if (!/^\p{L}{1,3}$/u.test(value)) return false
  const words = low.match(/[\p{L}\p{N}]+/gu) ?? []
  const names = nameParts(param)
  return words.some((word, at) => {
    if (!names.some((name) => name.length > 3 && word.startsWith(name))) return false
    const before = words.slice(Math.max(0, at - value.length), at)
    return (
      before.length === value.length &&
      before.every((each, index) => each.startsWith((value[index] ?? '').toLowerCase())) &&
      !(words[at - value.length - 1] ?? '').match(/^(?:and|und|et|y|e|or|write|edit|full)$/)
    )
  })
}

/** The words that tell what a short value of this parameter is. */
export const hintsOf = (param: string, action: string): readonly string[] =>
  [...nameParts(param), ...nameParts(action)].filter((part) => part.length > 2 && !['get', 'set', 'the', 'send', 'new', 'add'].includes(part))
