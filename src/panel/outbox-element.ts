import { h } from '../dialog/h.ts'
import { describe } from './describe.ts'
import { drawing } from './drawing.ts'
import { createFeed } from './feed.ts'
import type { Feed } from './feed.ts'
import type { OutboxOptions } from './options.ts'
import { panelParts } from './panel-parts.ts'
import type { OutboxSource } from './source.ts'
import { storageSection } from './storage-section.ts'

/**
 * `<maestro-outbox>`: what waits, why and until when; what failed and what can be done about it. A view only: closing it
 * loses nothing, and it decides nothing itself.
 */
export class MaestroOutbox extends HTMLElement {
  #maestro: OutboxSource | null = null
  #options: OutboxOptions = {}
  #feed: Feed | null = null
  readonly #root = this.attachShadow({ mode: 'open' })
  readonly #parts = panelParts(this.#root)
  readonly #storage = storageSection()
  readonly #seen = new IntersectionObserver((entries) => this.#look(entries.at(-1)?.isIntersecting ?? true))
  #inView = true
  #draw = (): number => 0
  #frame = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor() {
    super()
    this.#parts.body.append(this.#storage.element)
    this.#storage.acts.append(this.#parts.travel)
  }

  get maestro(): OutboxSource | null {
    return this.#maestro
  }

  set maestro(maestro: OutboxSource | null) {
    this.#maestro = maestro
    if (this.isConnected) this.#listen()
  }

  get options(): OutboxOptions {
    return this.#options
  }

  set options(options: OutboxOptions) {
    this.#options = options
    if (this.isConnected) this.#listen()
  }

  connectedCallback(): void {
    document.addEventListener('visibilitychange', this.#onVisibility)
    this.#seen.observe(this)
    // Values set before the element was defined hide the accessors: take them over.
    const { maestro, options } = this
    Reflect.deleteProperty(this, 'maestro')
    Reflect.deleteProperty(this, 'options')
    this.#options = options
    this.maestro = maestro
  }

  disconnectedCallback(): void {
    document.removeEventListener('visibilitychange', this.#onVisibility)
    this.#seen.disconnect()
    this.#end()
  }

  readonly #onVisibility = (): void => this.#look(this.#inView)

  #look(inView: boolean): void {
    this.#inView = inView
    this.#feed?.look(inView && !document.hidden)
    this.#schedule()
  }

  #end(): void {
    this.#feed?.stop()
    this.#feed = null
    cancelAnimationFrame(this.#frame)
    this.#frame = 0
    clearTimeout(this.#timer)
  }

  #listen(): void {
    this.#end()
    const source = this.#maestro
    if (source === null) return
    const feed = createFeed(source, () => this.#schedule())
    this.#feed = feed
    const options = this.#options
    this.#draw = drawing(
      {
        root: this.#root,
        source,
        feed,
        budget: { left: 0, short: false },
        options,
        words: (receipt) => describe(receipt, options.describe),
        say: (sentence) => this.#parts.status.replaceChildren(h('p', {}, sentence)),
      },
      this.#parts,
      this.#storage,
    )
    this.#schedule()
  }

  /** However many changes come, one drawing a frame; none while nobody can see it. */
  #schedule(): void {
    if (!this.#inView || this.#feed === null || this.#frame !== 0) return
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0
      clearTimeout(this.#timer)
      const again = this.#draw()
      if (again === 0) this.#schedule()
      else this.#timer = setTimeout(() => this.#schedule(), again)
    })
  }
}
