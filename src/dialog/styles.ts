import { TOKENS } from './tokens.ts'

/** The look of the dialog's skeleton; what it shares with MAESTRO's other elements is in the tokens. */
export const STYLES = `${TOKENS}.bar,.nav,.tools{display:flex;align-items:center;gap:8px;white-space:nowrap}
.bar{min-height:32px;color:var(--muted);font-size:13px}
.lane{padding:0 10px;border-radius:99px;font-weight:650;border:1px solid}
.RED .lane,[role=alert]{color:var(--danger)}
.YELLOW .lane{color:var(--warning)}
.nav{margin-inline-start:auto}
h2{margin:10px 0 4px;font-size:24px;line-height:1.25;outline:0}
.body{min-height:0;overflow:auto;overflow-wrap:anywhere;padding:18px var(--pad) 20px}
.foot{padding:14px var(--pad) 20px;border-top:1px solid var(--line);font-size:14px;& > p:not(:empty){margin-bottom:10px}}
.tools{white-space:normal;& p{flex:1}& button{min-height:36px;padding:0 14px;font-size:14px;white-space:nowrap}&:has(:not([hidden],:empty)){margin-bottom:10px}}
.actions{display:grid;grid-template-columns:1fr 1fr;gap:12px}
.approve{color:var(--surface);background:var(--accent)}
.RED .approve{background:var(--danger)}
.nav button{min-height:32px;width:32px}
button:focus-visible,.body:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.body:focus-visible{outline-offset:-3px}
.pill{position:fixed;inset:auto 20px 20px auto;z-index:999;border-radius:99px;padding:0 20px;font-weight:600;line-height:44px;&:not(:has(:not([hidden],:empty))){display:none}& button{border:0;background:0}}
@media (max-width:520px){
:host{--pad:18px}
dialog{width:100vw;max-width:calc(100vw - 12px);max-height:calc(100dvh - 12px);margin-bottom:6px}
.body{padding-top:12px}
.foot{padding-block:10px 14px}
.hint{display:none}
}
@media (max-height:420px){
.body{padding-block:10px}
h2{margin-top:4px;font-size:20px}
.foot{padding-block:8px 10px}
}
`
