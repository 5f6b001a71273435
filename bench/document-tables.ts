/**
 * Tables in documents, generated from results (DESIGN.md 4, invariant 11). A table stands between
 * `<!-- bench:NAME -->` and `<!-- /bench -->`; what is between them is never written by hand.
 */
import { crashTable } from "../test/crash/table.ts";
import { bigRunSpace, bigRunTable, inspectTable } from "./big-run-table.ts";
import { captureTable } from "./capture-table.ts";
import { coverageTable, pairTable } from "./coverage-table.ts";
import { demoTable } from "./demo-table.ts";
import { dictionaryTable } from "./dictionary-table.ts";
import { doseTable } from "./dose-table.ts";
import { fuzzRightTable, fuzzTable } from "./fuzz-table.ts";
import { judgeComponentsTable, judgeTable } from "./judge-table.ts";
import { leakTable } from "./leaks/growth.ts";
import { loraLossTable, loraSpeedTable } from "./lora-training-table.ts";
import { readStored, resultSchema } from "./result.ts";
import { trainingTable } from "./sae-training-table.ts";
import { costTable, peerTable } from "./speed-tables.ts";
import { splitterTable } from "./splitter-table.ts";
import { vllmClientTable } from "./vllm-client-table.ts";
import { vllmEsrTable } from "./vllm-esr-table.ts";
import { vllmCostTable, vllmPeerTable } from "./vllm-steering-table.ts";

export interface Table {
  /** The cell whose result it is made from. */
  cell: string;
  /** Throws where the stored result does not follow its schema. */
  render: (stored: unknown) => string;
}

export const TABLES: Record<string, Table> = {
  "steered-sampling": { cell: "steered-sampling", render: (stored) => peerTable(resultSchema.parse(stored)) },
  "steering-cost": { cell: "steered-sampling", render: (stored) => costTable(resultSchema.parse(stored)) },
  capture: { cell: "capture", render: (stored) => captureTable(resultSchema.parse(stored)) },
  coverage: { cell: "coverage", render: coverageTable },
  crash: { cell: "crash", render: crashTable },
  "coverage-of-pairs": { cell: "coverage", render: pairTable },
  "default-dictionary": { cell: "default-dictionary", render: dictionaryTable },
  demo: { cell: "demo", render: demoTable },
  doses: { cell: "doses", render: doseTable },
  fuzz: { cell: "fuzz", render: fuzzTable },
  "fuzz-right": { cell: "fuzz", render: fuzzRightTable },
  leaks: { cell: "leaks", render: leakTable },
  splitter: { cell: "splitter", render: splitterTable },
  "sae-training": { cell: "sae-training", render: (stored) => trainingTable(resultSchema.parse(stored)) },
  "lora-training": { cell: "lora-training", render: (stored) => loraSpeedTable(resultSchema.parse(stored)) },
  "lora-loss": { cell: "lora-training", render: (stored) => loraLossTable(resultSchema.parse(stored)) },
  "vllm-client": { cell: "vllm-client", render: (stored) => vllmClientTable(resultSchema.parse(stored)) },
  "vllm-esr": { cell: "vllm-esr", render: vllmEsrTable },
  "vllm-cost": { cell: "vllm-steering", render: (stored) => vllmCostTable(resultSchema.parse(stored)) },
  "vllm-peer": { cell: "vllm-steering", render: (stored) => vllmPeerTable(resultSchema.parse(stored)) },
  "big-run": { cell: "big-run", render: (stored) => bigRunTable(resultSchema.parse(stored)) },
  "big-run-space": { cell: "big-run", render: (stored) => bigRunSpace(resultSchema.parse(stored)) },
  "big-run-inspect": { cell: "big-run", render: (stored) => inspectTable(resultSchema.parse(stored)) },
  "judge-components": { cell: "judge-validation", render: judgeComponentsTable },
  "judge-validation": { cell: "judge-validation", render: judgeTable },
};

/** Documents that may hold generated tables, from the root of the repository. */
export const DOCUMENTS = [
  "README.md",
  "docs/bad-input.md",
  "docs/faults.md",
  "docs/crash.md",
  "docs/performance.md",
  "docs/judge.md",
  "docs/sae.md",
  "docs/statistics.md",
  "docs/vllm.md",
];

const MARKED = /(<!-- bench:([\w-]+) -->)(.*?)(<!-- \/bench -->)/gs;
const ANY_MARK = /<!--\s*\/?\s*bench\b.*?-->/g;
const CLAIM =
  /\d\s*(tokens?|tok|trials?)\s*(\/|per )\s*(s\b|sec|second|hour|min)|\d\s*(×|x|times)\s+(as fast|faster|slower)/i;

export interface RefreshOptions {
  text: string;
  /** @default the stored results */
  read?: (cell: string) => unknown;
  /** @default TABLES */
  tables?: Record<string, Table>;
}

/** The document with every table as the results say. Throws for a mark that is unknown, has no partner, or has no result. */
export function refreshTables({
  text,
  read = (cell) => readStored({ cell }),
  tables = TABLES,
}: RefreshOptions): string {
  const stray = text.replaceAll(MARKED, "").match(ANY_MARK);
  if (stray !== null) throw new Error(`${stray[0]} is not one half of a pair of marks.`);
  return text.replaceAll(MARKED, (_, open: string, name: string, _old: string, close: string) => {
    const table = tables[name];
    if (table === undefined) throw new Error(`${open}: there is no table of this name.`);
    const result = read(table.cell);
    if (result === null || result === undefined)
      throw new Error(`${open}: bench/results/${table.cell}.json does not exist.`);
    return `${open}\n\n${table.render(result)}\n\n${close}`;
  });
}

/** Lines outside the marks that state a speed: such a number has no data behind it. */
export function handWrittenSpeeds(text: string): string[] {
  return text
    .replaceAll(MARKED, "")
    .split("\n")
    .filter((line) => CLAIM.test(line));
}
