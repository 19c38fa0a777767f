/**
 * The look that MAESTRO's elements share, free of motion. Whitespace is spared because it is shipped. Apps adjust it with inherited custom properties:
 * `--maestro-surface`, `-text`, `-muted`, `-line`, `-accent`, `-danger`, `-warning`, `-font`, `-radius`, and `--maestro-color-scheme` for apps with a theme switch of their own.
 */
export const TOKENS = `
:host{
color-scheme:var(--maestro-color-scheme,light dark);
--surface:var(--maestro-surface,light-dark(#fff,#191b20));
--text:var(--maestro-text,light-dark(#17191e,#eceef2));
--muted:var(--maestro-muted,light-dark(#5a606c,#a3aab8));
--line:var(--maestro-line,light-dark(#e4e6eb,#32363f));
--accent:var(--maestro-accent,light-dark(#1f5fd1,#8ab4ff));
--danger:var(--maestro-danger,light-dark(#b3261e,#ff9d94));
--warning:var(--maestro-warning,light-dark(#7a4a00,#ffc66b));
--soft:color-mix(in srgb,var(--text) 4%,var(--surface));
--amber:color-mix(in srgb,#ffa800 11%,var(--surface));
--pad:28px;
}
*{box-sizing:border-box;margin:0}
button{min-height:44px;border:1px solid var(--line);border-radius:10px;font:inherit;font-weight:600;color:var(--text);background:var(--soft);cursor:pointer}
button:hover{border-color:var(--muted)}
button:disabled{opacity:.45;cursor:default}
mark{color:var(--warning);background:var(--amber);border-radius:4px;unicode-bidi:isolate;margin:0 2px;padding:0 3px;box-shadow:0 0 0 1px var(--warning)}
small{display:inline-block;max-width:100%;font:12px monospace}
dialog,.pill{color:var(--text);background:var(--surface);font:15px/1.5 var(--maestro-font,system-ui,sans-serif);border:1px solid var(--line);box-shadow:0 16px 56px #0005}
dialog{width:min(560px,100vw - 32px);max-height:min(820px,100dvh - 32px);margin:auto;padding:0;border-radius:var(--maestro-radius,16px);overflow:hidden}
dialog[open]{display:flex;flex-direction:column}
dialog::backdrop{background:#0b0d128c}
`
