/**
 * Cell `big-run`: a made-up run of 200,000 trials. How long are its report and pages of its table, against the same counts and rows by SQL (SQLite through
 * Python), and how long does a smaller run's report take against Inspect's reading of one arm of it? Every variant opens the file anew.
 */
import { execFileSync } from "node:child_process";
import { existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { exportInspect } from "../src/store/inspect-log.ts";
import { openRun } from "../src/store/open-store.ts";
import {
  neighboursOf,
  queryTrials,
  type TrialTableFilter,
  type TrialTableSort,
} from "../src/store/trial-query.ts";
import { BIG_RUN_VERSION, makeBigRun } from "./big-run.ts";
import type { Cell } from "./cell.ts";
import { interleave, type Variant } from "./interleave.ts";
import { JsonPeer } from "./peers/json-peer.ts";
import { TABLES_PYTHON, tablesVersions } from "./peers/tables-environment.ts";
import type { BenchRun } from "./result.ts";
import { BIG_RUN_VARIANTS } from "./variant-names.ts";

const CACHE = fileURLToPath(new URL("../.cache/bench-big-run/", import.meta.url));
const PROGRAM = fileURLToPath(new URL("../bin/countersteer.js", import.meta.url));
const SCRIPT = fileURLToPath(new URL("./peers/tables_peer.py", import.meta.url));
const FULL = { trials: 200_000, inspectTrials: 20_000, repetitions: 5 };
const SMOKE = { trials: 2000, inspectTrials: 400, repetitions: 1 };
const SEED = 1;
const INSPECTED = "steered";
const LIMIT = 100;

const secondsSchema = z.object({
  ok: z.literal(true),
  seconds: z.number(),
  rows: z.number(),
  sqlite: z.string(),
});
const inspectSchema = z.object({ ok: z.literal(true), seconds: z.number(), samples: z.number() });

export const measureBigRun: Cell = async ({ smoke, log }) => {
  const plan = smoke ? SMOKE : FULL;
  const versions = tablesVersions();
  const big = preparedRun({ trials: plan.trials, log });
  const small = preparedRun({ trials: plan.inspectTrials, log });
  const peer = new JsonPeer({ python: TABLES_PYTHON, script: SCRIPT });
  try {
    const common = { newTokens: 1, warmUpTokens: 1, repetitions: plan.repetitions, log };
    const runs: BenchRun[] = [];
    for (const { group, variants } of groups({ dir: big, trials: plan.trials, peer })) {
      runs.push(...(await interleave({ ...common, group, rows: plan.trials, variants })));
    }
    const inspected = inspectGroup({ dir: small, trials: plan.inspectTrials, peer });
    runs.push(...(await interleave({ ...common, ...inspected, rows: plan.inspectTrials })));
    const { sqlite } = await peer.ask({ op: "sql", file: fileOf(big), queries: [] }, secondsSchema);
    return {
      libraries: { ...versions, "sqlite of python": sqlite },
      settings: { ...plan, seed: SEED, inspected: INSPECTED, ...sizes(big) },
      runs,
    };
  } finally {
    await peer.close();
  }
};

/** Made once and kept: it takes minutes. */
function preparedRun({ trials, log }: { trials: number; log: (line: string) => void }): string {
  const dir = path.join(CACHE, `${trials}-seed-${SEED}-v${BIG_RUN_VERSION}`);
  if (existsSync(fileOf(dir))) {
    using store = openRun({ dir, mode: "read" });
    if (store.events({ kind: "finished" }).length > 0) return dir;
  }
  rmSync(dir, { recursive: true, force: true });
  log(`making a run of ${trials} trials`);
  const step = Math.max(2000, trials / 10);
  makeBigRun({ dir, trials, seed: SEED, onProgress: (done) => done % step === 0 && log(`${done} trials`) });
  return dir;
}

function fileOf(dir: string): string {
  return path.join(dir, "run.sqlite");
}

interface GroupOptions {
  dir: string;
  trials: number;
  peer: JsonPeer;
}

const FACTS =
  "FROM trial_facts AS t LEFT JOIN judgement_facts AS j ON j.judge = 'likelihood/2' AND j.trial = t.trial AND j.latest = 1";
const ROWS =
  "t.key, t.arm, t.latent, t.strength, t.prompt_index, j.scored, j.first, j.last, t.tokens, t.degraded";

/** The counts and means of a report, without its intervals, tests and controls. */
const COUNTS = [
  `SELECT t.arm, count(*), sum(t.failed), sum(t.degraded), sum(j.status = 'scored'), sum(j.scored >= 2), sum(j.scored >= 2 AND j.last > j.first), avg(j.first), avg(t.mean_dose) ${FACTS} GROUP BY t.arm`,
];

function groups({ dir, trials, peer }: GroupOptions): { group: string; variants: Variant[] }[] {
  const deep = Math.floor(trials * 0.75);
  const page = (
    group: string,
    table: { filter?: TrialTableFilter; sort?: TrialTableSort; offset?: number },
    { where = "1", order = "t.trial" }: { where?: string; order?: string },
  ) => ({
    group,
    variants: [
      ourPage({ dir, trials, ...table }),
      sqlVariant({
        dir,
        trials,
        peer,
        queries: [
          `SELECT count(*) ${FACTS} JOIN trials AS r ON r.seq = t.trial WHERE ${where}`,
          `SELECT ${ROWS}, r.prompt, substr(r.text, 1, 240) ${FACTS} JOIN trials AS r ON r.seq = t.trial WHERE ${where} ORDER BY ${order} LIMIT ${LIMIT} OFFSET ${table.offset ?? 0}`,
        ],
      }),
    ],
  });
  return [
    {
      group: "report --json",
      variants: [
        { name: BIG_RUN_VARIANTS.ours, run: async () => timed(trials, () => report(dir)) },
        sqlVariant({ dir, trials, peer, queries: COUNTS }),
      ],
    },
    page("first page", {}, {}),
    page(
      "deep page by change of score",
      { sort: "change", offset: deep },
      { order: "j.last - j.first DESC, t.trial" },
    ),
    page(
      "first page of one outcome",
      { filter: { outcome: "improved" } },
      { where: "j.scored >= 2 AND j.last > j.first" },
    ),
    page(
      "first page of a search",
      { filter: { search: "fractions bicycle" } },
      {
        where: ["fractions", "bicycle"]
          .map((word) => `(r.text LIKE '%${word}%' OR r.prompt LIKE '%${word}%')`)
          .join(" AND "),
      },
    ),
    { group: "next page", variants: [nextPage({ dir, trials })] },
  ];
}

function report(dir: string): void {
  execFileSync(process.execPath, [PROGRAM, "report", "--json", dir], { maxBuffer: 2 ** 28 });
}

function timed(trials: number, work: () => void) {
  const began = performance.now();
  work();
  return { tokens: trials, seconds: (performance.now() - began) / 1000, rowsEdited: 0 };
}

function ourPage({
  dir,
  trials,
  filter = {},
  sort = "order",
  offset = 0,
}: Pick<GroupOptions, "dir" | "trials"> & {
  filter?: TrialTableFilter;
  sort?: TrialTableSort;
  offset?: number;
}): Variant {
  return {
    name: BIG_RUN_VARIANTS.ours,
    run: async () =>
      timed(trials, () => {
        using store = openRun({ dir, mode: "read" });
        queryTrials({
          store,
          filter,
          sort,
          direction: sort === "order" ? "up" : "down",
          offset,
          limit: LIMIT,
        });
      }),
  };
}

/** What scrolling and stepping through trials feel, once a table is open. */
function nextPage({ dir, trials }: Pick<GroupOptions, "dir" | "trials">): Variant {
  const table = { filter: {}, sort: "change", direction: "down" } as const;
  return {
    name: BIG_RUN_VARIANTS.ours,
    run: async () => {
      using store = openRun({ dir, mode: "read" });
      const offset = Math.floor(trials / 2);
      const { rows } = queryTrials({ store, ...table, offset, limit: LIMIT });
      return timed(trials, () => {
        queryTrials({ store, ...table, offset: offset + LIMIT, limit: LIMIT });
        neighboursOf({ store, ...table, key: rows[0]?.key ?? "" });
      });
    },
  };
}

function sqlVariant({ dir, trials, peer, queries }: GroupOptions & { queries: string[] }): Variant {
  return {
    name: BIG_RUN_VARIANTS.sqlite,
    run: async () => {
      const { seconds } = await peer.ask({ op: "sql", file: fileOf(dir), queries }, secondsSchema);
      return { tokens: trials, seconds, rowsEdited: 0 };
    },
  };
}

/** Trials a second: ours counts all arms, Inspect the one in its log. */
function inspectGroup({ dir, trials, peer }: GroupOptions): { group: string; variants: Variant[] } {
  const file = path.join(CACHE, `2026-01-01T00-00-00_${trials}.json`);
  using store = openRun({ dir, mode: "read" });
  writeFileSync(file, [...exportInspect({ store, arm: INSPECTED })].join(""));
  return {
    group: "read a run",
    variants: [
      { name: BIG_RUN_VARIANTS.ours, run: async () => timed(trials, () => report(dir)) },
      {
        name: BIG_RUN_VARIANTS.inspect,
        run: async () => {
          const { seconds, samples } = await peer.ask({ op: "inspect", file }, inspectSchema);
          return { tokens: samples, seconds, rowsEdited: 0 };
        },
      },
    ],
  };
}

/** Bytes of the file, and of what takes most of it. */
function sizes(dir: string): Record<string, number> {
  const db = new DatabaseSync(fileOf(dir), { readOnly: true });
  try {
    const rows = db
      .prepare("SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name ORDER BY bytes DESC LIMIT 8")
      .all();
    const columns = db
      .prepare(
        "SELECT sum(length(CAST(text AS BLOB))) AS texts, sum(length(tokens)) AS tokens, sum(length(offsets)) AS offsets, sum(length(packed)) AS receipts FROM trials",
      )
      .get();
    const judged = db
      .prepare("SELECT sum(length(packed)) AS details, sum(length(attempts)) AS attempts FROM judgements")
      .get();
    return {
      fileBytes: statSync(fileOf(dir)).size,
      ...Object.fromEntries(rows.map(({ name, bytes }) => [`bytes of ${name}`, Number(bytes)])),
      ...Object.fromEntries(
        Object.entries({ ...columns, ...judged }).map(([name, bytes]) => [`bytes in ${name}`, Number(bytes)]),
      ),
    };
  } finally {
    db.close();
  }
}
