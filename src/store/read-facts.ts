/** The facts of a run's trials, each with those of one judge's latest judgement. Hundreds of thousands of them are read for every report. */
import { z } from "zod";
import type { Database } from "./database.ts";
import { emptyColumns, type FactColumns, type JudgedFact } from "./fact-columns.ts";
import { factsPlace } from "./facts-place.ts";
import { FINISH_REASONS, JUDGEMENT_STATUSES } from "./records.ts";
import type { JudgedTrial } from "./run-store.ts";
import { judgementFactOf, trialFactOf } from "./trial-facts.ts";

export function judgedFactOf({ trial, judgement }: JudgedTrial): JudgedFact {
  const { strength, tokens, ...fact } = trialFactOf(trial);
  return { ...fact, ...(judgement === null ? UNJUDGED : judgementFactOf(judgement)) };
}

const UNJUDGED = {
  status: null,
  scored: 0,
  first: null,
  last: null,
  recovered: null,
  firstLength: 0,
  lastLength: 0,
  sizes: [],
};

/** Place of a value that is in no list. */
const UNKNOWN = 15;
/** In few columns: what is one of few values lies in the bits of one number. */
const BITS = [
  "t.failed",
  "(t.degraded << 1)",
  `(${placeOf("t.finish", FINISH_REASONS)} << 2)`,
  `(${placeOf("j.status", JUDGEMENT_STATUSES)} << 6)`,
  "(coalesce(j.recovered + 1, 0) << 10)",
  "(coalesce(j.scored, 0) << 12)",
];
/** One attempt with a score says nothing that is not in the other columns. */
const SIZES = "CASE WHEN j.scored = 1 AND instr(j.sizes, '],[') = 0 THEN NULL ELSE j.sizes END";
const COLUMNS =
  "t.key, t.arm, t.unit, t.latent, t.prompt_index, t.mean_dose, j.first, j.last, j.first_length, j.last_length, " +
  `${SIZES}, ${BITS.join(" | ")}`;

type FactColumnsOfRow = [
  key: string,
  arm: string,
  unit: string,
  latent: number | null,
  promptIndex: number,
  meanDose: number | null,
  first: number | null,
  last: number | null,
  firstLength: number | null,
  lastLength: number | null,
  sizes: string | null,
  bits: number,
];

/**
 * By latent, those without one first, then by key. Throws STORE_CORRUPT for facts that are none, or that have to be derived from a row that is no
 * valid record.
 */
export function readFacts(db: Database, { judge }: { judge: string }): FactColumns {
  const place = factsPlace(db);
  const rows = db.arrays(
    `SELECT ${COLUMNS} FROM ${place}.trial_facts AS t ` +
      `LEFT JOIN ${place}.judgement_facts AS j ON j.judge = ? AND j.trial = t.trial AND j.latest = 1 ORDER BY t.latent, t.key`,
    [judge],
  );
  const facts = emptyColumns(rows.length);
  // an arm's name is the same text in most rows: one string takes the place of many
  const names = new Map<string, string>();
  for (let i = 0; i < rows.length; i++) {
    // the columns of a strict table have the types that schema.ts gives them
    const row = rows[i] as FactColumnsOfRow;
    const arm = names.get(row[1]) ?? row[1];
    names.set(arm, arm);
    const bits = row[11];
    facts.key[i] = row[0];
    facts.arm[i] = arm;
    facts.unit[i] = row[2];
    facts.latent[i] = row[3] ?? -1;
    facts.promptIndex[i] = row[4];
    facts.meanDose[i] = row[5] ?? Number.NaN;
    facts.first[i] = row[6] ?? Number.NaN;
    facts.last[i] = row[7] ?? Number.NaN;
    facts.firstLength[i] = row[8] ?? 0;
    facts.lastLength[i] = row[9] ?? 0;
    facts.sizes[i] = row[10];
    facts.failed[i] = bits & 1;
    facts.degraded[i] = (bits >> 1) & 1;
    facts.finish[i] = valueAt(db, FINISH_REASONS, (bits >> 2) & 15);
    facts.status[i] = valueAt(db, JUDGEMENT_STATUSES, (bits >> 6) & 15);
    facts.recovered[i] = (bits >> 10) & 3;
    facts.scored[i] = bits >> 12;
  }
  return facts;
}

/** Latent and strength of an arm's trials in the order of writing. */
export function readStrengths(
  db: Database,
  { arm }: { arm: string },
): { key: string; latent: number | null; strength: number }[] {
  const rows = db.all(
    `SELECT key, latent, strength FROM ${factsPlace(db)}.trial_facts WHERE arm = ? ORDER BY trial`,
    [arm],
  );
  return db.decode({ schema: strengthsSchema, table: "trial_facts", read: () => rows });
}

const strengthsSchema = z.array(
  z.object({ key: z.string(), latent: z.int().nullable(), strength: z.number() }),
);

/** From 1; 0 where it is null. */
function placeOf(column: string, values: readonly string[]): string {
  const cases = values.map((value, i) => `WHEN ${column} = '${value}' THEN ${i + 1}`);
  return `CASE WHEN ${column} IS NULL THEN 0 ${cases.join(" ")} ELSE ${UNKNOWN} END`;
}

function valueAt<T extends string>(db: Database, values: readonly T[], place: number): T | null {
  if (place === 0) return null;
  const value = values[place - 1];
  // throws what any row that is no record does
  return value ?? db.decode({ schema: z.never(), table: "facts", read: () => place });
}
