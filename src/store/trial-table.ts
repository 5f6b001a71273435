/** Trials: one row each, written once. */
import { bytesOf, digestOf, fromBlob, fromJson, PACKED, toJson, unpacked } from "./columns.ts";
import type { Database, Row } from "./database.ts";
import { putTrialFact } from "./facts-table.ts";
import { packIntegers, packOffsets, unpackIntegers, unpackOffsets } from "./packed-integers.ts";
import { packJson } from "./packed-json.ts";
import { type TrialRecord, trialSchema } from "./records.ts";

const TABLE = "trials";

export interface TrialFilter {
  arm?: string;
  latent?: number | null;
  unit?: string;
  /** Keys of the trials that are wanted. @default all */
  keys?: ReadonlySet<string> | undefined;
}

export function putTrial(db: Database, input: TrialRecord): boolean {
  const trial = trialSchema.parse(input);
  return db.transaction(() => {
    const isNew = db.putOnce({
      table: TABLE,
      key: { key: trial.key },
      values: trialValues(trial),
      digest: digestOf(trial),
    });
    if (isNew) putTrialFact(db, trial);
    return isNew;
  });
}

/** Puts a new result in the place of a failed one; returns false where the stored trial had not failed or is not there. */
export function replaceFailedTrial(db: Database, input: TrialRecord): boolean {
  const trial = trialSchema.parse(input);
  const columns = { ...trialValues(trial), digest: digestOf(trial) };
  const set = Object.keys(columns).map((name) => `${name} = ?`);
  return db.transaction(() => {
    const isReplaced =
      db.run(`UPDATE ${TABLE} SET ${set.join(", ")} WHERE key = ? AND error <> 'null'`, [
        ...Object.values(columns),
        trial.key,
      ]) === 1;
    if (isReplaced) putTrialFact(db, trial);
    return isReplaced;
  });
}

export function getTrial(db: Database, key: string): TrialRecord | null {
  const row = db.get(`SELECT * FROM ${TABLE} WHERE key = ?`, [key]);
  return row === undefined ? null : trialOf(db, row);
}

export function* iterateTrials(
  db: Database,
  { arm, latent, unit, keys }: TrialFilter,
): Generator<TrialRecord> {
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
  if (unit !== undefined) {
    conditions.push("unit = ?");
    values.push(unit);
  }
  const where = conditions.join(" AND ") || "1";
  for (const row of db.pages({ table: TABLE, where, values })) {
    if (keys?.has(String(row.key)) !== false) yield trialOf(db, row);
  }
}

export function trialValues(trial: TrialRecord) {
  return {
    arm: trial.arm,
    unit: trial.unit,
    latent: trial.latent,
    strength: trial.strength,
    prompt_index: trial.promptIndex,
    prompt: trial.prompt,
    seed: trial.seed,
    text: trial.text,
    tokens: packIntegers(trial.tokens),
    offsets: packOffsets(trial.offsets),
    finish: trial.finish,
    prompt_tokens: trial.promptTokens,
    receipt: trial.receipt === null ? "null" : PACKED,
    packed: trial.receipt === null ? null : packJson(trial.receipt),
    degraded: Number(trial.degraded),
    error: toJson(trial.error),
    created_at: trial.createdAt,
  };
}

export function trialOf(db: Database, row: Row): TrialRecord {
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
      tokens: db.version === 1 ? fromBlob(row, "tokens") : unpackIntegers(bytesOf(row, "tokens")),
      offsets: db.version === 1 ? fromBlob(row, "offsets") : unpackOffsets(bytesOf(row, "offsets")),
      finish: row.finish,
      promptTokens: row.prompt_tokens,
      receipt: unpacked(row, "receipt") ?? fromJson(row, "receipt"),
      degraded: row.degraded === 1,
      error: fromJson(row, "error"),
      createdAt: row.created_at,
    }),
  });
}
