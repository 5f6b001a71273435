/** Writes a report as HTML, as Markdown, and its figures as files. A report takes the place of an earlier one, and of no other file. */
import { closeSync, existsSync, mkdirSync, openSync, readSync, writeFileSync } from "node:fs";
import path from "node:path";
import { CountersteerError, messageOf } from "../../errors.ts";
import type { RunDocument } from "../../report/document/blocks.ts";
import { runDocument } from "../../report/document/run-document.ts";
import { standaloneSvg } from "../../report/figures/draw.ts";
import { type Figure, figureCsv } from "../../report/figures/figure.ts";
import { renderPng } from "../../report/figures/png.ts";
import { HTML_START, htmlReport } from "../../report/html/page.ts";
import { MARKDOWN_START, markdownReport } from "../../report/markdown/markdown.ts";
import type { RunReport } from "../../report/run-report.ts";
import type { RunStore } from "../../store/run-store.ts";
import { packageVersion } from "../package-version.ts";
import { judgePairs } from "./judge-pairs.ts";

export interface ReportFilesOptions {
  runs: readonly { store: RunStore; report: RunReport }[];
  /** In what the runs differ although it was allowed, in sentences. */
  differences: readonly string[];
  /** File of the HTML report. */
  html?: string;
  /** File of the Markdown report; its figures go into `FILE-figures` beside it. */
  md?: string;
  /** Folder for each figure as SVG, PNG and CSV. */
  figures?: string;
  onProgress?: (what: string) => void;
  /** @default the clock */
  now?: () => Date;
}

export interface WrittenReport {
  /** Files and folders. */
  written: string[];
  figures: number;
}

/** Throws CONFIG_INVALID where a file can't be written, or holds something else. */
export async function writeReportFiles(options: ReportFilesOptions): Promise<WrittenReport> {
  const { runs, differences, html, md, figures, onProgress = () => {}, now = () => new Date() } = options;
  for (const [file, start] of [
    [html, HTML_START],
    [md, MARKDOWN_START],
  ] as const) {
    if (file !== undefined) assertReplaceable({ file, start });
  }
  const documents = runs.map(({ store, report }, i): RunDocument => {
    onProgress(`${store.dir}: drawing`);
    const { margin } = report.summary;
    const prefix = runs.length === 1 ? "" : `run-${i + 1}-`;
    return runDocument({ store, report, judgePairs: judgePairs({ store, margin }), prefix });
  });
  const drawn = documents.flatMap((each) => each.figures);
  const common = { runs: documents, differences, madeAt: now(), version: packageVersion() };
  if (html !== undefined) put(html, htmlReport(common));
  if (md !== undefined) {
    const folder = `${md.slice(0, md.length - path.extname(md).length)}-figures`;
    put(md, markdownReport({ ...common, figures: path.basename(folder) }));
    for (const figure of drawn) put(path.join(folder, `${figure.name}.svg`), standaloneSvg(figure.svg));
  }
  if (figures !== undefined) await putFigures({ folder: figures, drawn, onProgress });
  return { written: [html, md, figures].filter((each) => each !== undefined), figures: drawn.length };
}

async function putFigures({
  folder,
  drawn,
  onProgress,
}: {
  folder: string;
  drawn: readonly Figure[];
  onProgress: (what: string) => void;
}): Promise<void> {
  for (const [i, figure] of drawn.entries()) {
    onProgress(`${folder}: figure ${i + 1} of ${drawn.length}`);
    const file = path.join(folder, figure.name);
    put(`${file}.svg`, standaloneSvg(figure.svg));
    put(`${file}.csv`, figureCsv(figure));
    put(`${file}.png`, await renderPng({ svg: figure.svg }));
  }
}

function put(file: string, content: string | Uint8Array): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  } catch (cause) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `${file} could not be written.`,
      why: `${messageOf(cause)}.`,
      todo: "Give another file or folder.",
      facts: { file },
      cause,
    });
  }
}

function assertReplaceable({ file, start }: { file: string; start: string }): void {
  if (!existsSync(file) || startOf(file, start.length) === start) return;
  throw new CountersteerError("CONFIG_INVALID", {
    what: `${file} is there and is not a report.`,
    why: "A report takes the place of an earlier report only.",
    todo: "Give another file, or move that one away.",
    facts: { file },
  });
}

/** Empty for what can't be read as a file. */
function startOf(file: string, length: number): string {
  try {
    const bytes = Buffer.alloc(length);
    const handle = openSync(file, "r");
    try {
      return bytes.toString("utf8", 0, readSync(handle, bytes, 0, length, 0));
    } finally {
      closeSync(handle);
    }
  } catch {
    return "";
  }
}
