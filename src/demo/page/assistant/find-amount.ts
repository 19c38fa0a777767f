export type Amount = { readonly amount: string; readonly currency: string }

const CURRENCIES: { readonly [sign: string]: string } = { '€': 'EUR', $: 'USD', '£': 'GBP', EURO: 'EUR', EUROS: 'EUR' }
const NUMBER = String.raw`\d[\d.,'’]*`
const SIGN = String.raw`EUR|USD|GBP|CHF|€|\$|£|euros?`
const AFTER = new RegExp(String.raw`(${NUMBER})\s?(${SIGN})(?![a-z])`, 'i')
const BEFORE = new RegExp(String.raw`(${SIGN})\s?(${NUMBER})`, 'i')

/** A written number as a decimal string: the last mark with one or two digits after it is the decimal mark, all others are dropped. */
const decimal = (written: string): string => {
  const [, whole = '', cents = ''] = /^(.*?)(?:[.,](\d{1,2}))?$/.exec(written.replace(/[.,'’]+$/, '')) ?? []
  return `${whole.replace(/\D/g, '').replace(/^0+(?=\d)/, '')}.${cents.padEnd(2, '0')}`
}

/** The first sum of money in a text. */
export const findAmount = (text: string): Amount | null => {
  const after = AFTER.exec(text)
  const before = BEFORE.exec(text)
  const [number, sign] = after !== null && (before === null || after.index <= before.index) ? [after[1], after[2]] : [before?.[2], before?.[1]]
  if (number === undefined || sign === undefined) return null
  const currency = sign.toUpperCase()
  return { amount: decimal(number), currency: CURRENCIES[currency] ?? currency }
}
