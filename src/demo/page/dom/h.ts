export type Child = Node | string | null

type Attributes = { readonly [name: string]: string | number | boolean | null | undefined | ((event: Event) => void) }

/** Makes an element. Strings become text nodes, never markup; `onclick` and friends become listeners; `false` and `null` leave an attribute out. */
export const h = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] => {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue
    if (typeof value === 'function') element.addEventListener(name.slice(2), value)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
  for (const child of children) if (child !== null) element.append(child)
  return element
}
