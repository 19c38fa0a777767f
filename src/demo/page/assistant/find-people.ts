import type { Person } from './person.ts'

const ADDRESS = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g

/** The addresses that a text names, written out or as a contact's name, in the order they stand there. */
export const findPeople = (text: string, people: readonly Person[]): readonly string[] => {
  const found = [...text.matchAll(ADDRESS)].map((match) => ({ at: match.index, email: match[0] }))
  for (const person of people) {
    const first = person.name.split(' ')[0] ?? person.name
    const match = new RegExp(String.raw`\b${first}\b(?!@)`, 'i').exec(text)
    if (match !== null) found.push({ at: match.index, email: person.email })
  }
  return [...new Set(found.toSorted((left, right) => left.at - right.at).map(({ email }) => email))]
}
