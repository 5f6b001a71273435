/** Judgements: any number of judges and repeats over one trial. */
import { CountersteerError } from "../errors.ts";
import { digestOf, fromJson, toJson } from "./columns.ts";
import type { Database, Row, Values } from "./database.ts";
import { type JudgementRecord, judgementSchema } from "./records.ts";
import { getTrial } from "./trial-table.ts";

const TABLE = "judgements";

export interface JudgementFilter {
  trialKey?: string;
  judge?: string;
}

/** Throws REQUEST_INVALID when the trial is not there, failed, or does not contain an attempt (DESIGN.md, invariant 8). */
export function putJudgement(db: Database, input: JudgementRecord): boolean {
  const judgement = checked(db, input);
  const { trialKey, judge, repeat } = judgement;
  return db.putOnce({
    table: TABLE,
    key: { trial_key: trialKey, judge, repeat },
    values: valuesOf(judgement),
    digest: digestOf(judgement),
  });
}

/** Puts a new judgement in the place of a judge failure; returns false where there is no such failure. */
export function replaceFailedJudgement(db: Database, input: JudgementRecord): boolean {
  const judgement = checked(db, input);
  const columns = { ...valuesOf(judgement), digest: digestOf(judgement) };
  const set = Object.keys(columns).map((name) => `${name} = ?`);
  const { trialKey, judge, repeat } = judgement;
  return (
    db.run(
      `UPDATE ${TABLE} SET ${set.join(", ")} WHERE trial_key = ? AND judge = ? AND repeat = ? AND status NOT IN ('scored', 'no-attempt')`,
      [...Object.values(columns), trialKey, judge, repeat],
    ) === 1
  );
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
  { trialKey, judge }: JudgementFilter,
): Generator<JudgementRecord> {
  const filters = { trial_key: trialKey, judge };
  const given = Object.entries(filters).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value }],
  );
  const where = given.map(({ name }) => `${name} = ?`).join(" AND ") || "1";
  for (const row of db.pages({ table: TABLE, where, values: given.map(({ value }) => value) })) {
    yield judgementOf(db, row);
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

function valuesOf({ status, attempts, detail, createdAt }: JudgementRecord): Values {
  return { status, attempts: toJson(attempts), detail: toJson(detail), created_at: createdAt };
}

function judgementOf(db: Database, row: Row): JudgementRecord {
  return db.decode({
    schema: judgementSchema,
    table: TABLE,
    read: () => ({
      trialKey: row.trial_key,
      judge: row.judge,
      repeat: row.repeat,
      status: row.status,
      attempts: fromJson(row, "attempts"),
      detail: fromJson(row, "detail"),
      createdAt: row.created_at,
    }),
  });
}
