/** A stored run whose answers start over, with recorded activations: five tokens off topic, three of the restart phrase, five on topic. */
import { ANALYSIS_EVENT, type DeclaredActivations } from "../../src/store/analysis.ts";
import { createRun } from "../../src/store/open-store.ts";
import type { RunStore } from "../../src/store/run-store.ts";
import { JUDGE, manifestRecord, trialRecord } from "./run-records.ts";

export const PHRASE = "Wait, start over.";
const OFF = ["Bees", " hum", " and", " fly", "."];
const CORRECTION = [" Wait", ", start", " over."];
const ON = [" Mix", " flour", " with", " water", "."];
/** Tokens of each region. */
export const PLACES = {
  "off-topic": { start: 0, end: 5 },
  correction: { start: 5, end: 8 },
  "on-topic": { start: 8, end: 13 },
};
const PROMPT_TOKENS = 4;
export const RECORDING = "watched";

export interface MadeAnswer {
  key: string;
  arm: string;
  latent: number;
  unit?: string;
  restarts: boolean;
  /** Of its attempts. */
  scores: number[];
  /** Columns of the recording, and the value of each at a token of the answer. */
  columns: number[];
  value: (at: { token: number; latent: number }) => number;
  /** Tokens of the answer that were recorded; 0 stores no recording. @default all but the last, which was never fed */
  recorded?: number;
}

export function makeRestartsRun({
  dir,
  answers,
  activations,
}: {
  dir: string;
  answers: readonly MadeAnswer[];
  activations: DeclaredActivations;
}): RunStore {
  const store = createRun({ dir, manifest: manifestRecord() });
  store.putArms([...new Set(answers.map(({ arm }) => arm))].map((name) => ({ name, content: { name } })));
  store.putEvent({
    kind: ANALYSIS_EVENT,
    detail: [{ design: "activations", comparisons: [], curves: [], activations: [activations] }],
  });
  for (const answer of answers) put({ store, answer });
  return store;
}

function put({ store, answer }: { store: RunStore; answer: MadeAnswer }): void {
  const { key, arm, latent, unit = key, restarts, scores, columns, value } = answer;
  const pieces = restarts ? [...OFF, ...CORRECTION, ...ON] : [...OFF, ...OFF.map((piece) => ` ${piece}`)];
  const text = pieces.join("");
  const offsets = pieces.map((_, i) => pieces.slice(0, i).join("").length);
  const tokens = Int32Array.from(pieces, (_, i) => i);
  store.putTrial(
    trialRecord({
      key,
      arm,
      latent,
      unit,
      text,
      tokens,
      offsets: Int32Array.from(offsets),
      finish: "length",
      promptTokens: PROMPT_TOKENS,
    }),
  );
  const at = text.indexOf(PHRASE);
  const score = (i: number) => scores[i] ?? null;
  const attempts = restarts
    ? [
        { start: 0, end: at - 1, restartPhrase: null, score: score(0), components: {} },
        { start: at, end: text.length, restartPhrase: PHRASE, score: score(1), components: {} },
      ]
    : [{ start: 0, end: text.length, restartPhrase: null, score: score(0), components: {} }];
  store.putJudgement({
    trialKey: key,
    judge: JUDGE,
    repeat: 0,
    status: "scored",
    attempts,
    detail: {},
    createdAt: "2026-01-02T03:04:05.000Z",
  });
  const recorded = answer.recorded ?? pieces.length - 1;
  if (recorded === 0) return;
  const rows = PROMPT_TOKENS + recorded;
  const values = Array.from({ length: rows }, (_, row) =>
    columns.map((column) =>
      row < PROMPT_TOKENS ? 999 : value({ token: row - PROMPT_TOKENS, latent: column }),
    ),
  );
  store.putActivations({
    trialKey: key,
    name: RECORDING,
    rows,
    columns,
    values: Float32Array.from(values.flat()),
  });
}
