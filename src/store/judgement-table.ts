/** Judgements: any number of judges and repeats over one trial. */
import { z } from "zod";
import { CountersteerError } from "../errors.ts";
import { digestOf, fromJson, PACKED, toJson, unpacked } from "./columns.ts";
import type { Database, Row } from "./database.ts";
import { putJudgementFact } from "./facts-table.ts";
import { packJson } from "./packed-json.ts";
import { type JudgementRecord, judgementSchema } from "./records.ts";
import { getTrial } from "./trial-table.ts";

const TABLE = "judgements";

export interface JudgementFilter {
  trialKey?: string;
  judge?: string;
  /** Keys of the trials whose judgements are wanted. @default all */
  trialKeys?: ReadonlySet<string> | undefined;
}

/** Throws REQUEST_INVALID when the trial is not there, failed, or does not contain an attempt (DESIGN.md, invariant 8). */
export function putJudgement(db: Database, input: JudgementRecord): boolean {
  const judgement = checked(db, input);
  const { trialKey, judge, repeat } = judgement;
  return db.transaction(() => {
    const isNew = db.putOnce({
      table: TABLE,
      key: { trial_key: trialKey, judge, repeat },
      values: judgementValues(judgement),
      digest: digestOf(judgement),
    });
    if (isNew) putJudgementFact(db, judgement);
    return isNew;
  });
}

/** Puts a new judgement in the place of a judge failure; returns false where there is no such failure. */
export function replaceFailedJudgement(db: Database, input: JudgementRecord): boolean {
  const judgement = checked(db, input);
  const columns = { ...judgementValues(judgement), digest: digestOf(judgement) };
  const set = Object.keys(columns).map((name) => `${name} = ?`);
  const { trialKey, judge, repeat } = judgement;
  return db.transaction(() => {
    const isReplaced =
      db.run(
        `UPDATE ${TABLE} SET ${set.join(", ")} WHERE trial_key = ? AND judge = ? AND repeat = ? AND status NOT IN ('scored', 'no-attempt')`,
        [...Object.values(columns), trialKey, judge, repeat],
      ) === 1;
    if (isReplaced) putJudgementFact(db, judgement);
    return isReplaced;
  });
}

/** How much one judge has judged under one repeat number. */
export interface JudgeCount {
  judge: string;
  repeat: number;
  /** Failures included. */
  judgements: number;
  failures: number;
}

/** Judges in the order of their first judgement, each with its repeats. */
export function countByJudge(db: Database): JudgeCount[] {
  const rows = db.all(
    `SELECT judge, repeat, count(*) AS judgements, sum(status NOT IN ('scored', 'no-attempt')) AS failures FROM ${TABLE} GROUP BY judge, repeat ORDER BY min(seq)`,
  );
  return rows.map(({ judge, repeat, judgements, failures }) => ({
    judge: String(judge),
    repeat: Number(repeat),
    judgements: Number(judgements),
    failures: Number(failures),
  }));
}

/** The judgement with the highest repeat number of a judge. */
export function latestJudgement(
  db: Database,
  { trialKey, judge }: { trialKey: string; judge: string },
): JudgementRecord | null {
  const sql = `SELECT * FROM ${TABLE} WHERE trial_key = ? AND judge = ? ORDER BY repeat DESC LIMIT 1`;
  const row = db.get(sql, [trialKey, judge]);
  return row === undefined ? null : judgementOf(db, row);
}

export function* iterateJudgements(
  db: Database,
  { trialKey, judge, trialKeys }: JudgementFilter,
): Generator<JudgementRecord> {
  const filters = { trial_key: trialKey, judge };
  const given = Object.entries(filters).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value }],
  );
  const where = given.map(({ name }) => `${name} = ?`).join(" AND ") || "1";
  for (const row of db.pages({ table: TABLE, where, values: given.map(({ value }) => value) })) {
    if (trialKeys?.has(String(row.trial_key)) !== false) yield judgementOf(db, row);
  }
}

function checked(db: Database, input: JudgementRecord): JudgementRecord {
  const judgement = judgementSchema.parse(input);
  const trial = getTrial(db, judgement.trialKey);
  const flaw =
    trial === null ? "there is no such trial" : flawOf(judgement, trial.text, trial.error !== null);
  if (flaw !== null) {
    throw new CountersteerError("REQUEST_INVALID", {
      what: `The judgement of ${judgement.judge} on trial ${judgement.trialKey} is refused.`,
      why: `In the store, ${flaw}.`,
      todo: "Report this with the judge's name: a judge's attempts are checked before they are stored.",
      facts: { trialKey: judgement.trialKey, judge: judgement.judge, flaw },
    });
  }
  return judgement;
}

function flawOf({ attempts }: JudgementRecord, text: string, failed: boolean): string | null {
  if (failed) {
    return "the trial failed and has no response";
  }
  let from = 0;
  for (const { start, end, restartPhrase } of attempts) {
    if (start < from || end <= start || end > text.length) {
      return `an attempt [${start}, ${end}) is outside the response or overlaps the one before`;
    }
    if (restartPhrase !== null && !text.slice(start, end).startsWith(restartPhrase)) {
      return `the response does not say ${JSON.stringify(restartPhrase)} at ${start}`;
    }
    from = end;
  }
  return null;
}

export function judgementValues({ status, attempts, detail, createdAt }: JudgementRecord) {
  const places = attempts.map(({ components, ...place }) => place);
  const components = attempts.map((attempt) => attempt.components);
  const packed = packJson({ components, detail });
  return { status, attempts: toJson(places), detail: PACKED, packed, created_at: createdAt };
}

export function judgementOf(db: Database, row: Row): JudgementRecord {
  return db.decode({
    schema: judgementSchema,
    table: TABLE,
    read: () => ({
      trialKey: row.trial_key,
      judge: row.judge,
      repeat: row.repeat,
      status: row.status,
      ...contentOf(row),
      createdAt: row.created_at,
    }),
  });
}

const placesSchema = z.array(z.looseObject({}));
const packedSchema = z.strictObject({ components: z.array(z.json()), detail: z.json() });

/** Version 1 packs nothing. */
function contentOf(row: Row): { attempts: unknown; detail: unknown } {
  const attempts = fromJson(row, "attempts");
  const packed = unpacked(row, "detail");
  if (packed === null) return { attempts, detail: fromJson(row, "detail") };
  const { components, detail } = packedSchema.parse(packed);
  const places = placesSchema.parse(attempts);
  if (places.length !== components.length)
    throw new TypeError("attempts and their components are not as many");
  return { attempts: places.map((place, i) => ({ ...place, components: components[i] })), detail };
}
