/**
 * The dialog's look, free of motion. Whitespace is spared because it is shipped. Apps adjust it with inherited custom properties:
 * `--maestro-surface`, `-text`, `-muted`, `-line`, `-accent`, `-danger`, `-warning`, `-font`, `-radius`, and `--maestro-color-scheme` for apps with a theme switch of their own.
 */
export const STYLES = `
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
dialog,.pill{color:var(--text);background:var(--surface);font:15px/1.5 var(--maestro-font,system-ui,sans-serif);border:1px solid var(--line);box-shadow:0 16px 56px #0005}
dialog{width:min(560px,100vw - 32px);max-height:min(820px,100dvh - 32px);margin:auto;padding:0;border-radius:var(--maestro-radius,16px);overflow:hidden}
dialog[open]{display:flex;flex-direction:column}
dialog::backdrop{background:#0b0d128c}
.head{padding:22px var(--pad) 16px}
.bar,.nav{display:flex;align-items:center;gap:8px;min-height:32px;white-space:nowrap}
.lane{padding:0 10px;border-radius:99px;font-weight:650;border:1px solid}
.RED .lane,.final,[role=alert]{color:var(--danger)}
.nav{margin-inline-start:auto}
h2{margin-top:10px;font-size:24px;line-height:1.25;outline:0}
h2,.body{overflow-wrap:anywhere}
.body{min-height:0;overflow:auto;padding:4px var(--pad) 24px}
dt,.bar,.origin,h3{color:var(--muted);font-size:13px;font-weight:400}
.fields dt::first-letter{text-transform:uppercase}
.field{padding:12px 0;border-top:1px solid var(--line)}
.untrusted + .field:not(.untrusted){border:0;padding-top:0}
.value,p,blockquote{white-space:pre-wrap}
.target,.amount,.object{& .value{font-size:18px;font-weight:600}}
.untrusted{margin-bottom:12px;padding:12px 16px;border:1px solid var(--warning);border-radius:10px;background:var(--amber);& dt,.origin{color:var(--warning)}}
blockquote{margin-top:8px;padding-inline-start:12px;border-inline-start:3px solid var(--warning)}
.facts{padding:16px;border-radius:12px;background:var(--soft);display:grid;gap:8px;& > div{display:grid;grid-template-columns:132px 1fr;gap:12px}& *{font-size:14px;min-width:0}}
.final,.untrusted .origin span{font-weight:600}
section{margin-top:20px}
mark{color:var(--warning);background:var(--amber);border-radius:4px;unicode-bidi:isolate;padding:0 3px}
small{font:12px monospace}
footer{padding:16px var(--pad) 24px;border-top:1px solid var(--line);& p{margin-bottom:12px}& p:empty{display:none}}
.actions{display:grid;grid-template-columns:1fr 1fr;gap:12px}
button{min-height:44px;border:1px solid var(--line);border-radius:10px;font:inherit;font-weight:600;color:var(--text);background:var(--soft);cursor:pointer}
button:hover{border-color:var(--muted)}
.approve{color:var(--surface);background:var(--accent)}
.RED .approve{background:var(--danger)}
button:disabled{opacity:.45;cursor:default}
.nav button{min-height:32px;width:32px}
button:focus-visible,.body:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.body:focus-visible{outline-offset:-3px}
.pill{position:fixed;inset:auto 20px 20px auto;z-index:999;border-radius:99px;padding:0 20px}
@media (max-width:520px){
:host{--pad:18px}
dialog{width:100vw;max-width:calc(100vw - 12px);max-height:calc(100dvh - 12px);margin-bottom:6px}
.head,footer{padding-block:12px}
.facts > div,.actions{grid-template-columns:1fr;gap:0}
.actions{gap:8px}
.hint{display:none}
}
`
