/** Cuts a text into sentences: at line ends, and after a full stop before a capital letter or a quotation mark. Quoted text stays whole. */
export const sentences = (text: string): readonly string[] => {
  const found: string[] = []
  for (const line of text.split(/\n+/)) {
    let start = 0
    let quoted = false
    for (let index = 0; index < line.length; index += 1) {
      const letter = line[index] ?? ''
      if (letter === '"' || letter === '“' || letter === '”') quoted = letter === '"' ? !quoted : letter === '“'
      const ends = /[.!?]["”]?$/.test(line.slice(Math.max(start, index - 1), index + 1))
      if (!quoted && ends && /^\s+[A-Z"“]/.test(line.slice(index + 1))) {
        found.push(line.slice(start, index + 1))
        start = index + 1
      }
    }
    found.push(line.slice(start))
  }
  return found.map((sentence) => sentence.trim()).filter((sentence) => sentence !== '')
}
