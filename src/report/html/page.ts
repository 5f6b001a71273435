/** The HTML report: one file that asks for nothing, runs nothing, and shows whatever a model wrote as text. */
import type { RunDocument, Section } from "../document/blocks.ts";
import { HOW_TO_READ } from "../document/how-to-read.ts";
import { blockHtml } from "./blocks.ts";
import { html, Markup } from "./html.ts";
import { PAGE_STYLE } from "./style.ts";

export interface HtmlReportOptions {
  runs: readonly RunDocument[];
  /** In what the runs differ although it was allowed, in sentences. @default none */
  differences?: readonly string[];
  /** When the report was made. */
  madeAt: Date;
  /** Of the program that made it. */
  version: string;
}

/** How a report file begins, so that a newer one may take its place. */
export const HTML_START = "<!doctype html>\n<!-- countersteer report -->";

const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

export function htmlReport({ runs, differences = [], madeAt, version }: HtmlReportOptions): string {
  const title = `Countersteer report: ${runs.map((run) => run.title).join(", ")}`;
  const several = runs.length > 1;
  const page = html`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${new Markup(PAGE_STYLE)}</style>
</head>
<body>
<header><h1>${title}</h1></header>
<nav aria-label="Contents"><ul>${[link("how-to-read", "How to read this"), ...runs.flatMap((run, i) => run.sections.map(({ id, title: words }) => link(id, several ? `Run ${i + 1}: ${words}` : words)))]}</ul></nav>
<main>
${differences.length === 0 ? null : blockHtml({ kind: "warnings", items: [...differences] })}
<section id="how-to-read" aria-labelledby="how-to-read-heading"><h2 id="how-to-read-heading">How to read this</h2>${HOW_TO_READ.map(blockHtml)}</section>
${runs.map((run, i) => [several ? html`<h2>Run ${i + 1}: ${run.title}</h2>` : null, run.sections.map(sectionHtml)])}
</main>
<footer><p>Made by Countersteer ${version} at ${madeAt.toISOString()}. This file loads nothing and runs no script.</p></footer>
</body>
</html>
`;
  return `${HTML_START}\n${page.source}`;
}

function link(id: string, words: string): Markup {
  return html`<li><a href="#${id}">${words}</a></li>`;
}

function sectionHtml({ id, title, blocks }: Section): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-heading"><h2 id="${id}-heading">${title}</h2>${blocks.map(blockHtml)}</section>`;
}
