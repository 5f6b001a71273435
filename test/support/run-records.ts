/** Records of a made-up run: each maker gives a valid one, of which a test changes what it is about. */
import type { Manifest } from "../../src/store/manifest.ts";
import type {
  AttemptRecord,
  JudgementRecord,
  ThresholdSampleRecord,
  TrialRecord,
} from "../../src/store/records.ts";

const CREATED = "2026-01-02T03:04:05.000Z";
export const JUDGE = "likelihood/1";

export function manifestRecord(changes: Partial<Manifest> = {}): Manifest {
  return {
    design: "esr",
    preset: null,
    config: { designs: ["esr"], seed: 1 },
    createdAt: CREATED,
    packageVersion: "0.1.0",
    gitCommit: null,
    nodeVersion: "v24.0.0",
    engine: { workers: 2, library: "b1234" },
    model: {
      path: "/models/tiny.gguf",
      fileHash: "model-hash",
      architecture: "llama",
      weightType: "q8_0",
      weightMode: "as-is",
      layers: 30,
      dModel: 576,
    },
    templateHash: "template-hash",
    sae: { path: "/sae", hash: "sae-hash", layer: 15, latents: 4096 },
    prompts: { evaluation: "evaluation-hash", heldOut: "held-out-hash" },
    judge: { id: JUDGE, describe: { contrastSize: 2 }, hash: "judge-hash" },
    sampling: { temperature: 0.6, topP: 1, stop: [] },
    layer: 15,
    target: 30,
    seed: 1,
    ...changes,
  };
}

export function trialRecord(changes: Partial<TrialRecord> = {}): TrialRecord {
  const key = changes.key ?? "trial-1";
  return {
    key,
    arm: "steered",
    unit: `unit of ${key}`,
    latent: 7,
    strength: 12.25,
    promptIndex: 3,
    prompt: "How do I bake bread?",
    seed: 99,
    text: "Bees hum. Wait, let me start over. Mix flour and water.",
    tokens: Int32Array.of(5, 70_000, 6),
    offsets: Int32Array.of(0, 10, 35),
    finish: "stop",
    promptTokens: 20,
    receipt: receiptRecord(0.5),
    degraded: false,
    error: null,
    createdAt: CREATED,
    ...changes,
  };
}

/** What a trial that failed is stored as. */
export const FAILED: Partial<TrialRecord> = {
  text: "",
  tokens: new Int32Array(0),
  offsets: new Int32Array(0),
  finish: null,
  receipt: null,
  error: { code: "EDIT_NOT_APPLIED", what: "No row was edited." },
};

export function receiptRecord(meanDose: number): NonNullable<TrialRecord["receipt"]> {
  return {
    layer: 15,
    rowsEdited: 23,
    promptRows: 20,
    generatedRows: 3,
    meanDose,
    meanNormBefore: 40,
    meanNormAfter: 44.5,
    edits: [{ kind: "add", latent: 7, rowsChanged: 23, meanValueBefore: 0, meanValueAfter: 11.5 }],
  };
}

/** Attempts of one character each, in order. */
export function attemptRecords(scores: readonly (number | null)[]): AttemptRecord[] {
  return scores.map((score, i) => ({ start: i, end: i + 1, restartPhrase: null, score, components: {} }));
}

export function judgementRecord(changes: Partial<JudgementRecord> = {}): JudgementRecord {
  return {
    trialKey: "trial-1",
    judge: JUDGE,
    repeat: 0,
    status: "scored",
    attempts: [
      { start: 0, end: 9, restartPhrase: null, score: 10, components: { topic: 0.1 } },
      {
        start: 10,
        end: 55,
        restartPhrase: "Wait, let me start over",
        score: 90.5,
        components: { topic: 0.9 },
      },
    ],
    detail: { curve: [0.1, 0.9], note: "clear" },
    createdAt: CREATED,
    ...changes,
  };
}

export function thresholdSampleRecord(changes: Partial<ThresholdSampleRecord> = {}): ThresholdSampleRecord {
  const { judge, status, attempts, detail } = judgementRecord();
  return {
    key: "7:search:0:0:12",
    calibration: "steered",
    latent: 7,
    purpose: "search",
    query: 0,
    sample: 0,
    strength: 12,
    promptIndex: 1,
    seed: 5,
    response: "Bees hum.",
    tokens: Int32Array.of(1, 2),
    score: 10,
    judgement: { judge, status, attempts, detail },
    receipt: receiptRecord(0.4),
    error: null,
    ...changes,
  };
}
