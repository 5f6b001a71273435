/** Thresholds with their whole history: every query and every sample of it (DESIGN.md 9). */
import type { z } from "zod";
import { digestOf, fromBlob, fromJson, toBlob, toJson } from "./columns.ts";
import type { Database, Row } from "./database.ts";
import {
  type ThresholdRecord,
  type ThresholdSampleRecord,
  thresholdSampleSchema,
  thresholdSchema,
} from "./records.ts";

export type ThresholdInput = z.input<typeof thresholdSchema>;
export type ThresholdSampleInput = z.input<typeof thresholdSampleSchema>;

export function putThresholdSample(db: Database, input: ThresholdSampleInput): boolean {
  const sample = thresholdSampleSchema.parse(input);
  return db.putOnce({
    table: "threshold_samples",
    key: { key: sample.key },
    values: {
      calibration: sample.calibration,
      latent: sample.latent,
      purpose: sample.purpose,
      query: sample.query,
      sample: sample.sample,
      strength: sample.strength,
      prompt_index: sample.promptIndex,
      seed: sample.seed,
      response: sample.response,
      tokens: toBlob(sample.tokens),
      score: sample.score,
      judgement: toJson(sample.judgement),
      receipt: toJson(sample.receipt),
      error: toJson(sample.error),
    },
    digest: digestOf(sample),
  });
}

export function getThresholdSample(db: Database, key: string): ThresholdSampleRecord | null {
  const row = db.get("SELECT * FROM threshold_samples WHERE key = ?", [key]);
  return row === undefined ? null : sampleOf(db, row);
}

export function* iterateThresholdSamples(
  db: Database,
  { latent }: { latent?: number },
): Generator<ThresholdSampleRecord> {
  const filter = latent === undefined ? {} : { where: "latent = ?", values: [latent] };
  for (const row of db.pages({ table: "threshold_samples", ...filter })) {
    yield sampleOf(db, row);
  }
}

/** Writes the threshold and one row a query, all or nothing. */
export function putThreshold(db: Database, input: ThresholdInput): boolean {
  const threshold = thresholdSchema.parse(input);
  const { calibration, latent, strength, lower, upper, stopped, warning, verification, queries } = threshold;
  return db.transaction(() => {
    const isNew = db.putOnce({
      table: "thresholds",
      key: { calibration, latent },
      values: { strength, lower, upper, stopped, warning, verification: toJson(verification) },
      digest: digestOf(threshold),
    });
    for (const [index, query] of isNew ? queries.entries() : []) {
      db.run("INSERT INTO threshold_queries VALUES (?, ?, ?, ?, ?)", [
        calibration,
        latent,
        index,
        query.strength,
        toJson(query.scores),
      ]);
    }
    return isNew;
  });
}

export function getThreshold(
  db: Database,
  { latent, calibration }: { latent: number; calibration: string },
): ThresholdRecord | null {
  const row = db.get("SELECT * FROM thresholds WHERE latent = ? AND calibration = ?", [latent, calibration]);
  return row === undefined ? null : thresholdOf(db, row);
}

export function allThresholds(db: Database): ThresholdRecord[] {
  return db.all("SELECT * FROM thresholds ORDER BY calibration, latent").map((row) => thresholdOf(db, row));
}

function thresholdOf(db: Database, row: Row): ThresholdRecord {
  return db.decode({
    schema: thresholdSchema,
    table: "thresholds",
    read: () => {
      const { digest, verification, calibration, latent, ...rest } = row;
      const queries = db
        .all(
          "SELECT query, strength, scores FROM threshold_queries WHERE calibration = ? AND latent = ? ORDER BY query",
          [String(calibration), Number(latent)],
        )
        .map((query) => ({ strength: query.strength, scores: fromJson(query, "scores") }));
      return { ...rest, calibration, latent, verification: fromJson(row, "verification"), queries };
    },
  });
}

function sampleOf(db: Database, row: Row): ThresholdSampleRecord {
  return db.decode({
    schema: thresholdSampleSchema,
    table: "threshold_samples",
    read: () => {
      const { seq, digest, prompt_index: promptIndex, ...rest } = row;
      return {
        ...rest,
        promptIndex,
        tokens: fromBlob(row, "tokens"),
        judgement: fromJson(row, "judgement"),
        receipt: fromJson(row, "receipt"),
        error: fromJson(row, "error"),
      };
    },
  });
}
