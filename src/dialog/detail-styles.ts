/** The look of what a call says: its values, their origins, the facts. */
export const DETAIL_STYLES = `dt,.origin,h3{color:var(--muted);font-size:13px;font-weight:400}
dt::first-letter,.facts dd div::first-letter{text-transform:uppercase}
.fields{margin:12px 0}
.field,.facts > div{display:grid;grid-template-columns:112px 1fr;gap:12px;min-width:0}
.field{padding:8px 0;border-top:1px solid var(--line);& dt{padding-top:3px}}
dd{min-width:0}
.value,.lines,blockquote{white-space:pre-wrap}
.target,.amount,.object{& .value{font-size:18px;font-weight:600}}
.lines{border-inline-start:3px solid var(--line);padding-inline-start:12px}
.spoken + .spoken{margin-top:10px}
.untrusted{padding:8px 14px;border:1px solid var(--warning);border-radius:10px;background:var(--amber);& .origin{color:var(--warning)}}
blockquote{margin-top:4px;font-size:14px;padding-inline-start:12px;border-inline-start:3px solid var(--warning)}
.end{display:block;height:1px}
.facts{padding:14px 16px;border-radius:12px;background:var(--soft);display:grid;gap:8px;font-size:14px}
.final{display:inline-block;color:var(--danger)}
.untrusted .origin span{font-weight:600}
section{margin-top:20px}
@media (max-width:520px){.field,.facts > div{grid-template-columns:1fr;gap:0}}`
