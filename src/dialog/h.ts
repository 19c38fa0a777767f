export type Child = Node | string | false

/** An element with attributes and children. Strings become text nodes, never markup. */
export const h = <K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string>>,
  ...children: Child[]
): HTMLElementTagNameMap[K] => {
  const element = document.createElement(name)
  for (const attribute in attributes) element.setAttribute(attribute, attributes[attribute] ?? '')
  element.append(...children.filter((child) => child !== false))
  return element
}

/** Sets a text only when it differs, so that live regions speak once. */
export const write = (element: HTMLElement, text: string): void => {
  if (element.textContent !== text) element.textContent = text
}
