/**
 * `node scripts/check-exports.ts RUN [--arm name]`: opens exports of a run in pandas, DuckDB and Inspect, and compares what they find with the run. Installs them into
 * bench/.peers-tables first; no test needs them.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { JsonPeer } from "../bench/peers/json-peer.ts";
import { TABLES_PYTHON, tablesVersions } from "../bench/peers/tables-environment.ts";
import { summarise } from "../src/report/summarise.ts";
import { exportInspect } from "../src/store/inspect-log.ts";
import { openRun } from "../src/store/open-store.ts";
import type { RunStore } from "../src/store/run-store.ts";
import { writeParquet } from "../src/store/table/parquet-table.ts";

const tableSchema = z.object({
  rows: z.number(),
  tokens: z.number(),
  curve: z.number(),
  attempts: z.number(),
  lastStart: z.number(),
  seeds: z.number(),
  firstScore: z.number(),
  latents: z.array(z.number()),
});
const parquetSchema = z.object({
  ok: z.literal(true),
  pandas: tableSchema,
  duckdb: z.object({ ...tableSchema.shape, receipt: z.boolean() }),
});
const inspectSchema = z.object({
  ok: z.literal(true),
  samples: z.number(),
  errors: z.number(),
  scored: z.number(),
  esr: z.number(),
  firstScore: z.number(),
  stated: z.record(z.string(), z.number()),
  texts: z.number(),
});
const frameSchema = z.object({ ok: z.literal(true), samples: z.number(), arms: z.array(z.string()) });

const { values, positionals } = parseArgs({ options: { arm: { type: "string" } }, allowPositionals: true });
const [dir] = positionals;
if (dir === undefined) throw new Error("node scripts/check-exports.ts RUN [--arm name]");
const versions = tablesVersions();
const folder = mkdtempSync(path.join(tmpdir(), "countersteer-exports-"));
const peer = new JsonPeer({
  python: TABLES_PYTHON,
  script: path.join(import.meta.dirname, "../bench/peers/tables_peer.py"),
});
try {
  using store = openRun({ dir, mode: "read" });
  await checkParquet(store);
  const arm =
    values.arm ?? summarise({ store, replicates: 1 }).arms.find(({ counts }) => counts.trials > 0)?.arm;
  if (arm !== undefined) await checkInspect(store, arm);
  console.log(
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
  );
} finally {
  await peer.close();
  rmSync(folder, { recursive: true });
}

async function checkParquet(store: RunStore): Promise<void> {
  const file = path.join(folder, "trials.parquet");
  writeParquet({ store, out: file });
  const found = await peer.ask({ op: "parquet", file }, parquetSchema);
  const expected = { rows: 0, tokens: 0, curve: 0, attempts: 0, lastStart: 0, seeds: 0, firstScore: 0 };
  const latents = new Set<number>();
  for (const { trial, judgement } of store.judged()) {
    const { curve } = judgement?.detail ?? {};
    const scores = (judgement?.attempts ?? []).flatMap(({ score }) => score ?? []);
    expected.rows += 1;
    expected.tokens += trial.tokens.length;
    expected.curve += Array.isArray(curve) ? curve.length : 0;
    expected.attempts += judgement?.attempts.length ?? 0;
    expected.seeds += trial.seed;
    expected.firstScore += scores[0] ?? 0;
    if (judgement?.status === "scored") expected.lastStart += judgement.attempts.at(-1)?.start ?? 0;
    if (trial.latent !== null) latents.add(trial.latent);
  }
  const all = { ...expected, latents: [...latents].sort((a, b) => a - b) };
  for (const [name, got] of [
    ["pandas", found.pandas],
    ["DuckDB", found.duckdb],
  ] as const) {
    assertSame(
      `${name}, Parquet`,
      { ...all, firstScore: round(all.firstScore), seeds: 0 },
      {
        ...tableSchema.parse(got),
        firstScore: round(got.firstScore),
        // sums of seeds pass 2^53
        seeds: 0,
      },
    );
  }
  if (!found.duckdb.receipt) throw new Error("DuckDB finds another dose in the receipt than in its column");
  console.log(
    `Parquet: pandas and DuckDB find the ${all.rows} trials, ${all.tokens} tokens and ${all.attempts} attempts of the run`,
  );
}

async function checkInspect(store: RunStore, arm: string): Promise<void> {
  // Inspect takes a file for a log where its name begins with a time
  const file = path.join(folder, "2026-01-01T00-00-00_countersteer.json");
  writeFileSync(file, [...exportInspect({ store, arm })].join(""));
  const found = await peer.ask({ op: "inspect", file }, inspectSchema);
  const own = summarise({ store, replicates: 1 }).arms.find((each) => each.arm === arm);
  if (own === undefined) throw new Error(`there is no arm ${arm}`);
  const { counts, esr, multiAttempt, firstScore } = own;
  let texts = 0;
  for (const trial of store.trials({ arm })) texts += [...trial.text].length;
  assertSame(
    "Inspect",
    {
      samples: counts.trials,
      errors: counts.errored,
      scored: counts.scored,
      esr: counts.improved,
      stated: [esr.estimate, multiAttempt.estimate, firstScore.estimate].map((each) => round(each ?? 0)),
      texts,
    },
    {
      samples: found.samples,
      errors: found.errors,
      scored: found.scored,
      esr: found.esr,
      stated: ["esr", "multi_attempt", "first_score"].map((name) => round(found.stated[name] ?? 0)),
      texts: found.texts,
    },
  );
  const frame = await peer.ask({ op: "inspectFrame", file }, frameSchema);
  assertSame(
    "Inspect's data frame",
    { samples: counts.trials, arms: [arm] },
    { samples: frame.samples, arms: frame.arms },
  );
  console.log(
    `Inspect: reads the log of the arm ${arm}, ${found.samples} samples, with the rates of the report`,
  );
}

/** Sums in another order differ in their last digits. */
function round(value: number): number {
  return Number(value.toPrecision(10));
}

function assertSame(what: string, expected: object, found: object): void {
  const [own, other] = [JSON.stringify(expected), JSON.stringify(found)];
  if (own !== other) throw new Error(`${what}: expected ${own}, found ${other}`);
}
