/** The style sheet of the HTML report: light and dark, readable at 400 pixels and on paper. */
import { colorVariables, MARK_STYLE } from "../figures/palette.ts";

const LIGHT = `${colorVariables("light")};--cs-line:#d0d7de;--cs-soft:#f3f5f7;--cs-mark:#fff1c2;--cs-warn:#fff4e5`;
const DARK = `${colorVariables("dark")};--cs-line:#3a424a;--cs-soft:#1e2328;--cs-mark:#4a3d10;--cs-warn:#3b2a12`;

export const PAGE_STYLE = `
:root{color-scheme:light dark;${LIGHT}}
@media (prefers-color-scheme:dark){:root{${DARK}}}
*{box-sizing:border-box}
body{margin:0;background:var(--cs-paper);color:var(--cs-ink);font:16px/1.5 system-ui,sans-serif}
main,header,footer,nav{max-width:72rem;margin:0 auto;padding:0 1rem}
h1{font-size:1.6rem;line-height:1.2;overflow-wrap:anywhere}
h2{font-size:1.3rem;margin:2.5rem 0 .75rem;border-bottom:1px solid var(--cs-line);padding-bottom:.25rem}
h3{font-size:1.1rem;overflow-wrap:anywhere}
p,li,dd{max-width:46rem;overflow-wrap:anywhere}
a{color:var(--cs-accent)}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;padding:0;list-style:none}
dl{display:grid;grid-template-columns:minmax(6rem,max-content) 1fr;gap:.25rem 1rem}
dt{font-weight:600;max-width:14rem;overflow-wrap:anywhere}
dd{margin:0;min-width:0}
.scroll{overflow-x:auto;margin:1rem 0;border:1px solid var(--cs-line);border-radius:4px}
.scroll:focus-visible,summary:focus-visible,a:focus-visible{outline:2px solid var(--cs-accent);outline-offset:2px}
table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums;width:100%}
caption{text-align:left;font-weight:600;padding:.5rem .75rem;max-width:90vw}
th,td{padding:.25rem .6rem;border-top:1px solid var(--cs-line);text-align:left;vertical-align:top;white-space:nowrap}
th.number,td.number{text-align:right}
td.words,th.words{white-space:normal;min-width:12rem;max-width:40rem;overflow-wrap:anywhere}
thead th{background:var(--cs-soft)}
tbody th{font-weight:500;position:sticky;left:0;background:var(--cs-paper)}
figure{margin:1.5rem 0}
figure .scroll{padding:.5rem}
figure svg{display:block;min-width:34rem;height:auto}
figcaption strong{display:block}
figcaption{max-width:46rem;color:var(--cs-muted)}
figcaption strong{color:var(--cs-ink)}
details{margin:.5rem 0}
summary{cursor:pointer;overflow-wrap:anywhere}
.warnings{background:var(--cs-warn);border-left:4px solid var(--cs-second);padding:.5rem 1rem .5rem 2rem;max-width:52rem}
.trial{border:1px solid var(--cs-line);border-radius:4px;padding:.75rem 1rem;margin:.5rem 0}
.response,pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--cs-soft);padding:.75rem;border-radius:4px}
pre{font-size:.8rem;overflow-x:auto}
pre.wide{white-space:pre}
mark{background:var(--cs-mark);color:inherit;border-left:3px solid var(--cs-second);padding:.1rem .2rem}
mark .attempt{font-size:.75rem;font-weight:600;color:var(--cs-muted);margin-right:.4rem}
mark .restart{text-decoration:underline;text-decoration-thickness:2px;font-weight:600}
footer{color:var(--cs-muted);font-size:.875rem;padding-bottom:3rem}
@media (max-width:36rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}}
@media print{.scroll{overflow:visible;border:0}nav{display:none}figure,.trial{break-inside:avoid}}
${MARK_STYLE}
`;
