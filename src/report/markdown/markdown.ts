/** The report as Markdown, its figures beside it. Text from models stands in code fences or has its marks escaped. */
import type { Align, Block, RunDocument, ShownTrial, Table } from "../document/blocks.ts";
import { HOW_TO_READ } from "../document/how-to-read.ts";
import { fixed, short } from "../number-text.ts";
import { visibleText } from "../visible-text.ts";

export interface MarkdownReportOptions {
  runs: readonly RunDocument[];
  /** In what the runs differ although it was allowed, in sentences. @default none */
  differences?: readonly string[];
  /** Folder of the figures' SVG files, as seen from the report. */
  figures: string;
  madeAt: Date;
  /** Of the program that made it. */
  version: string;
}

/** How a report file begins, so that a newer one may take its place. */
export const MARKDOWN_START = "<!-- countersteer report -->";

export function markdownReport({
  runs,
  differences = [],
  figures,
  madeAt,
  version,
}: MarkdownReportOptions): string {
  const write = (block: Block) => blockMarkdown(block, figures);
  const several = runs.length > 1;
  const parts = [
    MARKDOWN_START,
    `# Countersteer report: ${runs.map(({ title }) => plain(title)).join(", ")}`,
    ...differences.map((words) => `> ${plain(words)}`),
    "## How to read this",
    ...HOW_TO_READ.map(write),
    ...runs.flatMap(({ title, sections }, i) => [
      ...(several ? [`## Run ${i + 1}: ${plain(title)}`] : []),
      ...sections.flatMap((section) => [
        `${several ? "###" : "##"} ${plain(section.title)}`,
        ...section.blocks.map(write),
      ]),
    ]),
    `Made by Countersteer ${version} at ${madeAt.toISOString()}.`,
  ];
  return `${parts.join("\n\n")}\n`;
}

function blockMarkdown(block: Block, figures: string): string {
  switch (block.kind) {
    case "text":
      return plain(block.text);
    case "warnings":
      return block.items.map((item) => `> **Note:** ${plain(item)}`).join("\n>\n");
    case "terms":
      return block.items.map(([term, words]) => `- **${plain(term)}**: ${plain(words)}`).join("\n");
    case "table":
      return tableMarkdown(block.table);
    case "figure": {
      const { title, description, name } = block.figure;
      return `**${plain(title)}**\n\n${plain(description)}\n\n![${plain(title)}](${figures.split("/").map(encodeURIComponent).join("/")}/${name}.svg)`;
    }
    case "trial":
      return trialMarkdown(block.trial);
    case "code":
      return fenced(block.text);
    case "folded":
      return [
        `**${plain(block.summary)}**`,
        ...block.blocks.map((each) => blockMarkdown(each, figures)),
      ].join("\n\n");
  }
}

function tableMarkdown({ caption, head, rows, align }: Table): string {
  const rule = (side: Align | undefined) => (side === "right" ? "---:" : "---");
  const lines = [head, ...rows].map((cells) => `| ${cells.map(plain).join(" | ")} |`);
  const [first = "", ...others] = lines;
  return [
    `${plain(caption)}:`,
    "",
    first,
    `| ${head.map((_, i) => rule(align[i])).join(" | ")} |`,
    ...others,
  ].join("\n");
}

function trialMarkdown({ key, latent, label, strength, prompt, text, status, attempts }: ShownTrial): string {
  const where =
    latent === null
      ? []
      : [`- latent: ${latent}${label === null ? "" : ` (${plain(label)})`} at ${short(strength)}`];
  const parts = attempts.flatMap(({ start, end, score, restartPhrase }, i) => [
    `Attempt ${i + 1}, ${score === null ? "not scored" : `score ${fixed(score)}`}${restartPhrase === null ? "" : `, begins with “${plain(restartPhrase)}”`}:`,
    fenced(text.slice(start, end)),
  ]);
  return [
    [
      `- trial: ${plain(key)}`,
      ...where,
      `- judgement: ${status ?? "not judged"}`,
      `- prompt: ${plain(prompt)}`,
    ].join("\n"),
    ...(attempts.length === 0 ? ["Response:", fenced(text)] : parts),
  ].join("\n\n");
}

/** One line in which no character means anything to Markdown or HTML. */
function plain(text: string): string {
  return visibleText(text)
    .replaceAll(/\s+/g, " ")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(/[\\`*_[\]|~#!]/g, "\\$&");
}

/** A fence longer than any in the text. */
function fenced(text: string): string {
  const shown = visibleText(text);
  const longest = Math.max(2, ...Array.from(shown.matchAll(/`+/g), ([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${shown}\n${fence}`;
}
