/** The unlock document as an app's host serves it: `maestro-sw/memory/unlock-document`. */

const STYLE = `
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0;padding:1rem;background:Canvas;color:CanvasText}
h1{font-size:1.25rem;margin:0 0 .5rem}
p{margin:.75rem 0}
.lead{max-width:60ch}
label{display:block;font-weight:600}
input[type=password]{box-sizing:border-box;width:100%;max-width:32rem;font:inherit;padding:.6rem;border:1px solid GrayText;border-radius:.4rem}
input[type=checkbox]+label{display:inline;font-weight:400;margin-left:.5rem}
.words{columns:3;font:600 1rem/1.8 ui-monospace,monospace;padding-left:2.5rem}
.alert:not(:empty){font-weight:600;border-left:4px solid #b3261e;padding-left:.75rem}
.buttons{display:flex;gap:.75rem;justify-content:flex-end}
button{font:inherit;min-height:2.75rem;padding:.4rem 1.2rem;border:1px solid GrayText;border-radius:.4rem;background:ButtonFace;color:ButtonText}
.go{font-weight:600}
:focus-visible{outline:3px solid Highlight;outline-offset:2px}
@media(max-width:30rem){.words{columns:2}}
`

const hashOf = async (text: string): Promise<string> => {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return `'sha256-${btoa(String.fromCharCode(...digest))}'`
}

/**
 * Page and headers. The policy gives the document a realm without an origin (`sandbox`), no network at all, its own script and nothing
 * else; WebAssembly is for Argon2id. Serve it as it is: without the headers its secrets are typed where the app's scripts can read them.
 *
 * @param script the built `maestro-sw/memory/unlock`, one classic script.
 */
export async function unlockDocument(script: string): Promise<{ readonly html: string; readonly headers: Readonly<Record<string, string>> }> {
  // Within a script element only this ends it.
  const safe = script.replaceAll('</script', String.raw`<\/script`)
  const policy = [
    "default-src 'none'",
    `script-src ${await hashOf(safe)} 'wasm-unsafe-eval'`,
    `style-src ${await hashOf(STYLE)}`,
    'sandbox allow-scripts allow-forms',
    "frame-ancestors 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return {
    html: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Account key</title><style>${STYLE}</style></head><body><script>${safe}</script></body></html>`,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
  }
}
