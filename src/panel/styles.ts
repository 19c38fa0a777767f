import { TOKENS } from '../dialog/tokens.ts'

/** The panel's look. Whitespace is spared because it is shipped; colours and their names are the approvals dialog's. */
const STYLES = `${TOKENS}
:host{display:block;container-type:inline-size;padding:20px;border-radius:var(--maestro-radius,16px);background:var(--surface);color:var(--text);font:15px/1.5 var(--maestro-font,system-ui,sans-serif);overflow-wrap:anywhere}
[hidden]{display:none!important}
ul,ol{list-style:none;padding:0}
.panel,section,.groups,.notices,.body,form,.device{display:grid;gap:12px;grid-template-columns:minmax(0,1fr)}
.panel{gap:28px}
.groups{gap:20px}
.notices:empty,.bar:empty,p:empty,.acts:empty,.detail:empty{display:none}
.summary{font-size:20px;font-weight:600;line-height:1.3;display:flex;align-items:center;gap:8px;outline:0}
h2{font-size:13px;font-weight:600;color:var(--muted)}
h3{font-size:15px;font-weight:600;line-height:1.4}
svg{width:18px;height:18px;flex:none;fill:none;stroke:currentcolor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}
.group{border:1px solid var(--line);border-radius:12px;overflow:hidden;& h3{display:flex;align-items:center;gap:8px;padding:10px 14px;background:var(--soft)}& svg{color:var(--muted)}}
.count{margin-inline-start:auto;color:var(--muted);font-weight:400;font-variant-numeric:tabular-nums}
.row{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:4px 12px;align-items:center;padding:12px 14px;contain-intrinsic-size:auto 92px;content-visibility:auto}
.row + .row,.group .row{border-top:1px solid var(--line)}
.title,h3{font-weight:600}
.detail{color:var(--muted);font-weight:400;display:block}
.title .detail,.card .detail{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;overflow:hidden}
.why,.row p{font-size:14px}
.row .title{font-size:15px}
.promise,.quiet,.row .promise{color:var(--muted);font-size:13px}
.card,.group{background:var(--surface)}
.card{padding:16px;border:1px solid var(--line);border-inline-start:4px solid;border-radius:12px;display:grid;gap:6px}
.card + .card{margin-top:12px}
.dead{border-inline-start-color:var(--danger)}
.unknown{border-inline-start-color:var(--warning)}
.badge{display:flex;align-items:center;gap:6px;font-size:13px;font-weight:600}
.dead .badge,[role=alert],.fault{color:var(--danger)}
.unknown .badge{color:var(--warning)}
.card .acts{margin-top:6px}
.behind{margin-top:8px;border-radius:10px;background:var(--soft);&:empty{display:none}}
.taken,.notice{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:12px;padding:14px 16px;border-radius:12px;background:var(--soft)}
.taken .text{flex:1 1 220px}
.taken h3{display:flex;gap:8px;align-items:center}
.notice p{flex:1 1 220px}
.notice.warn,.note{color:var(--warning);background:var(--amber)}
.note{padding:10px 14px;border-radius:10px}
.acts,.pager{display:flex;flex-wrap:wrap;align-items:center;gap:8px}
button{padding:0 14px;font-size:14px;min-height:40px}
button.main{color:var(--surface);background:var(--accent);border-color:transparent}
button.danger{color:var(--surface);background:var(--danger);border-color:transparent}
[aria-disabled]{opacity:.6}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
h2:focus-visible,h3:focus-visible,.summary:focus-visible{outline:0}
.device{padding-top:20px;border-top:1px solid var(--line)}
.travel{display:contents}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
dialog h2{padding:22px 24px 0;font-size:22px;line-height:1.25;color:inherit;& span{color:var(--muted);font-weight:400}}
.body{padding:12px 24px 24px;overflow:auto;min-height:0}
footer{padding:16px 24px 20px;border-top:1px solid var(--line);& p{margin-bottom:12px}& .acts{justify-content:end}& button{min-height:44px;padding:0 20px}}
.body ol{display:grid;gap:16px;counter-reset:n;& li{display:grid;gap:8px;counter-increment:n;justify-items:start}& li > span::before{content:counter(n) '. ';font-weight:600}}
.code{display:block;width:100%;padding:14px;border:1px dashed var(--muted);border-radius:10px;background:var(--soft);font:600 18px/1.6 ui-monospace,monospace;user-select:all;text-align:center}
.field{display:grid;gap:6px;& label{font-size:14px;font-weight:600;& span{color:var(--muted);font-weight:400}}}
.field.boolean{grid-template-columns:auto 1fr;align-items:center;& input{order:-1;width:22px;min-height:22px;accent-color:var(--accent)}}
.fault{font-size:14px}
input,textarea,select{width:100%;min-height:44px;padding:10px 12px;border:1px solid var(--muted);border-radius:10px;background:var(--surface);color:var(--text);font:16px/1.4 inherit;font-family:inherit}
textarea{resize:vertical}
[aria-invalid=true]{border-color:var(--danger)}
details{display:grid;gap:8px}
summary{min-height:32px;cursor:pointer;color:var(--muted);font-size:14px}
.choice{display:grid;gap:2px;width:100%;padding:12px 16px;text-align:start;font-size:15px;& .quiet{font-weight:400}}
progress{width:100%;height:10px;accent-color:var(--accent)}
@container (max-width:400px){
.row{grid-template-columns:minmax(0,1fr)}
}
@container (max-width:420px){
.device .acts{display:grid}
}
@media (max-width:520px){
dialog{width:100vw;max-width:calc(100vw - 12px);max-height:calc(100dvh - 12px);margin-bottom:6px}
dialog h2{padding:18px 18px 0}
.body{padding:12px 18px 18px}
footer{padding:12px 18px;& .acts{display:grid;grid-template-columns:1fr}}
}
`

let sheet: CSSStyleSheet | null = null

/** Gives a shadow root the look; all of them share one sheet. */
export const adopt = (root: ShadowRoot): void => {
  if (sheet === null) {
    sheet = new CSSStyleSheet()
    sheet.replaceSync(STYLES)
  }
  root.adoptedStyleSheets = [sheet]
}
