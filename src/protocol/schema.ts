/** The one place that names the schema library: everything that crosses a boundary is parsed with these (law 8). */
export * from 'valibot'
