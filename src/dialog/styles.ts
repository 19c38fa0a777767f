import { TOKENS } from './tokens.ts'

/** The dialog's look; what it shares with MAESTRO's other elements is in the tokens. */
export const STYLES = `${TOKENS}.head{padding:22px var(--pad) 16px}
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
footer{padding:16px var(--pad) 24px;border-top:1px solid var(--line);& p{margin-bottom:12px}& p:empty{display:none}}
.actions{display:grid;grid-template-columns:1fr 1fr;gap:12px}
.approve{color:var(--surface);background:var(--accent)}
.RED .approve{background:var(--danger)}
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
