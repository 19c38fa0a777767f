const NAMESPACE = 'http://www.w3.org/2000/svg'

/** Makes an SVG element with attributes and children. */
export const svg = (tag: string, attributes: { readonly [name: string]: string | number }, ...children: readonly SVGElement[]): SVGElement => {
  const element = document.createElementNS(NAMESPACE, tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value))
  element.append(...children)
  return element
}
