/** The unlock document's few elements, built without markup from text. */
type Child = Node | string

export function element<N extends keyof HTMLElementTagNameMap>(
  name: N,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[N] {
  const made = document.createElement(name)
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value)
  made.append(...children)
  return made
}

export type Field = { readonly row: HTMLElement; readonly input: HTMLInputElement }

/** A labelled secret; nothing of it is offered to the browser's memory but a passphrase, to its password store. */
export function secretField(id: string, label: string, autocomplete: 'current-password' | 'new-password'): Field {
  const input = element('input', { id, type: 'password', autocomplete, required: '', spellcheck: 'false', autocapitalize: 'off' })
  return { row: element('p', {}, element('label', { for: id }, label), input), input }
}

export type Form = {
  readonly root: HTMLFormElement
  /** Says what went wrong, to eyes and screen readers; an empty text takes it back. */
  say(text: string): void
  /** While it works nothing can be pressed. */
  busy(isBusy: boolean): void
}

export function form(title: string, lead: string, rows: readonly Node[], go: string, onGo: () => Promise<void>, onCancel: () => void): Form {
  const alert = element('p', { role: 'alert', class: 'alert' })
  const submit = element('button', { type: 'submit', class: 'go' }, go)
  const cancel = element('button', { type: 'button' }, 'Cancel')
  const root = element('form', { autocomplete: 'off' }, element('h1', {}, title), element('p', { class: 'lead' }, lead), ...rows, alert)
  root.append(element('p', { class: 'buttons' }, cancel, submit))
  const busy = (isBusy: boolean): void => {
    submit.disabled = isBusy
    submit.textContent = isBusy ? 'One moment…' : go
  }
  cancel.addEventListener('click', onCancel)
  root.addEventListener('submit', (event) => {
    event.preventDefault()
    if (submit.disabled) return
    alert.textContent = ''
    busy(true)
    void onGo().finally(() => busy(false))
  })
  return { root, busy, say: (text) => void (alert.textContent = text) }
}
