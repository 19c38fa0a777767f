export type DemoFile = {
  readonly id: `f${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9}`
  readonly name: string
  readonly kind: 'document' | 'sheet' | 'slides' | 'image' | 'archive'
  /** Bytes. */
  readonly size: number
  readonly owner: string
}

/** The team's folder, invented. */
export const FILES: readonly DemoFile[] = [
  { id: 'f1', name: 'Launch plan.docx', kind: 'document', size: 84_213, owner: 'Anna' },
  { id: 'f2', name: 'Budget Q3.xlsx', kind: 'sheet', size: 46_902, owner: 'Chiara' },
  { id: 'f3', name: 'Old drafts.zip', kind: 'archive', size: 7_340_032, owner: 'Efua' },
  { id: 'f4', name: 'Press photos.zip', kind: 'archive', size: 18_734_080, owner: 'Efua' },
  { id: 'f5', name: 'Kick-off slides.pptx', kind: 'slides', size: 2_915_328, owner: 'Anna' },
  { id: 'f6', name: 'Venue contract.pdf', kind: 'document', size: 312_540, owner: 'Hiro' },
  { id: 'f7', name: 'Poster, first try.png', kind: 'image', size: 961_177, owner: 'Efua' },
  { id: 'f8', name: 'Poster.png', kind: 'image', size: 1_503_238, owner: 'Efua' },
  { id: 'f9', name: 'Support numbers.xlsx', kind: 'sheet', size: 29_440, owner: 'Farid' },
]
