/** Blocks of a report as HTML. */
import { type Block, figureTable, type ShownTrial, type Table } from "../document/blocks.ts";
import type { Figure } from "../figures/figure.ts";
import { short } from "../number-text.ts";
import { html, Markup } from "./html.ts";
import { markedResponse } from "./response.ts";

export function blockHtml(block: Block): Markup {
  switch (block.kind) {
    case "text":
      return html`<p>${block.text}</p>`;
    case "warnings":
      return html`<ul class="warnings" aria-label="warnings">${block.items.map((item) => html`<li>${item}</li>`)}</ul>`;
    case "terms":
      return html`<dl>${block.items.map(([term, words]) => html`<dt>${term}</dt><dd>${words}</dd>`)}</dl>`;
    case "table":
      return tableHtml(block.table);
    case "figure":
      return figureHtml(block.figure);
    case "trial":
      return trialHtml(block.trial);
    case "code":
      return html`<pre class="wide" tabindex="0">${block.text}</pre>`;
    case "folded":
      return html`<details><summary>${block.summary}</summary>${block.blocks.map(blockHtml)}</details>`;
  }
}

/** Characters from which a cell of text may break into lines. */
const LONG = 40;

function tableHtml({ caption, head, rows, align }: Table): Markup {
  const classOf = (column: number, cell: string) =>
    align[column] === "right" ? "number" : cell.length > LONG ? "words" : "text";
  const heads = head.map(
    (title, i) => html`<th scope="col" class="${align[i] === "right" ? "number" : "text"}">${title}</th>`,
  );
  const body = rows.map((cells) => {
    const row = cells.map((cell, i) =>
      i === 0
        ? html`<th scope="row" class="${classOf(i, cell)}">${cell}</th>`
        : html`<td class="${classOf(i, cell)}">${cell}</td>`,
    );
    return html`<tr>${row}</tr>`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr>${heads}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function figureHtml(figure: Figure): Markup {
  const data =
    figure.rows.length === 0
      ? null
      : html`<details><summary>Data of this figure: ${figure.rows.length === 1 ? "1 row" : `${figure.rows.length} rows`}</summary>${tableHtml(figureTable(figure))}</details>`;
  // the picture is our own SVG, whose texts are escaped where it is drawn
  const picture = new Markup(figure.svg);
  return html`<figure><figcaption><strong>${figure.title}</strong>${figure.description}</figcaption><div class="scroll" tabindex="0" role="region" aria-label="${figure.title}">${picture}</div>${data}</figure>`;
}

function trialHtml({ key, latent, label, strength, prompt, text, status, attempts }: ShownTrial): Markup {
  const facts: [string, string][] = [
    ["trial", key],
    ...(latent === null
      ? []
      : ([["latent", `${latent}${label === null ? "" : ` (${label})`} at ${short(strength)}`]] satisfies [
          string,
          string,
        ][])),
    ["judgement", status ?? "not judged"],
    ["prompt", prompt],
  ];
  return html`<div class="trial">${blockHtml({ kind: "terms", items: facts })}${markedResponse({ text, attempts })}</div>`;
}
