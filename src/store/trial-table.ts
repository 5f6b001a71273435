/** Trials: one row each, written once. */

import { digestOf, fromBlob, fromJson, toBlob, toJson } from "./columns.ts";
import type { Database, Row, Values } from "./database.ts";
import { type TrialRecord, trialSchema } from "./records.ts";

const TABLE = "trials";

export interface TrialFilter {
  arm?: string;
  latent?: number | null;
}

export function putTrial(db: Database, input: TrialRecord): boolean {
  const trial = trialSchema.parse(input);
  return db.putOnce({
    table: TABLE,
    key: { key: trial.key },
    values: valuesOf(trial),
    digest: digestOf(trial),
  });
}

/** Puts a new result in the place of a failed one; returns false where the stored trial had not failed or is not there. */
export function replaceFailedTrial(db: Database, input: TrialRecord): boolean {
  const trial = trialSchema.parse(input);
  const columns = { ...valuesOf(trial), digest: digestOf(trial) };
  const set = Object.keys(columns).map((name) => `${name} = ?`);
  return (
    db.run(`UPDATE ${TABLE} SET ${set.join(", ")} WHERE key = ? AND error <> 'null'`, [
      ...Object.values(columns),
      trial.key,
    ]) === 1
  );
}

export function getTrial(db: Database, key: string): TrialRecord | null {
  const row = db.get(`SELECT * FROM ${TABLE} WHERE key = ?`, [key]);
  return row === undefined ? null : trialOf(db, row);
}

export function* iterateTrials(db: Database, { arm, latent }: TrialFilter): Generator<TrialRecord> {
  const conditions: string[] = [];
  const values: (string | number | null)[] = [];
  if (arm !== undefined) {
    conditions.push("arm = ?");
    values.push(arm);
  }
  if (latent !== undefined) {
    conditions.push("latent IS ?");
    values.push(latent);
  }
  const where = conditions.join(" AND ") || "1";
  for (const row of db.pages({ table: TABLE, where, values })) {
    yield trialOf(db, row);
  }
}

function valuesOf(trial: TrialRecord): Values {
  return {
    arm: trial.arm,
    unit: trial.unit,
    latent: trial.latent,
    strength: trial.strength,
    prompt_index: trial.promptIndex,
    prompt: trial.prompt,
    seed: trial.seed,
    text: trial.text,
    tokens: toBlob(trial.tokens),
    offsets: toBlob(trial.offsets),
    finish: trial.finish,
    prompt_tokens: trial.promptTokens,
    receipt: toJson(trial.receipt),
    degraded: Number(trial.degraded),
    error: toJson(trial.error),
    created_at: trial.createdAt,
  };
}

function trialOf(db: Database, row: Row): TrialRecord {
  return db.decode({
    schema: trialSchema,
    table: TABLE,
    read: () => ({
      key: row.key,
      arm: row.arm,
      unit: row.unit,
      latent: row.latent,
      strength: row.strength,
      promptIndex: row.prompt_index,
      prompt: row.prompt,
      seed: row.seed,
      text: row.text,
      tokens: fromBlob(row, "tokens"),
      offsets: fromBlob(row, "offsets"),
      finish: row.finish,
      promptTokens: row.prompt_tokens,
      receipt: fromJson(row, "receipt"),
      degraded: row.degraded === 1,
      error: fromJson(row, "error"),
      createdAt: row.created_at,
    }),
  });
}
