/**
 * `node bench/big-run.ts FOLDER [--trials n] [--seed n]`: makes a run of any size for measuring the store, the report and the viewer: four arms, 50 latents,
 * 100 prompts, answers of about 200 tokens, the likelihood judge's judgements with their curves. What it holds is made up; its shape is that of a
 * real run of the default model.
 */
import { parseArgs } from "node:util";
import { createRng, type Rng } from "../src/stats/rng.ts";
import { canonicalHash } from "../src/store/canonical-json.ts";
import type { Manifest } from "../src/store/manifest.ts";
import { createRun } from "../src/store/open-store.ts";
import type { AttemptRecord, JudgementRecord, TrialRecord } from "../src/store/records.ts";
import type { RunStore } from "../src/store/run-store.ts";
import { type MadeText, TextMaker } from "./big-run-texts.ts";

export const ARMS = ["unsteered", "steered", "ablated", "control"] as const;
export const LATENTS = 50;
export const PROMPTS = 100;
/** A change to what is made is a new version: a kept run of another one is made again. */
export const BIG_RUN_VERSION = 1;
const JUDGE = "likelihood/2";
const CREATED = "2026-01-02T03:04:05.000Z";
/** Trials of one transaction. */
const AT_ONCE = 2000;
const MEAN_TOKENS = 200;

export interface BigRunOptions {
  /** Folder that holds no run. */
  dir: string;
  /** @default 200_000 */
  trials?: number;
  /** @default 1 */
  seed?: number;
  onProgress?: (done: number) => void;
}

export function makeBigRun(options: BigRunOptions): void {
  const { dir, trials = 200_000, seed = 1, onProgress = () => {} } = options;
  using store = createRun({ dir, manifest: manifestOf(seed), now: () => new Date(CREATED) });
  setUp(store);
  const maker = new TextMaker();
  for (let from = 0; from < trials; from += AT_ONCE) {
    store.transaction(() => {
      for (let index = from; index < Math.min(trials, from + AT_ONCE); index++) {
        putTrial({ store, maker, index, seed });
      }
    });
    onProgress(Math.min(trials, from + AT_ONCE));
  }
  store.putEvent({ kind: "finished", detail: { trials } });
}

function setUp(store: RunStore): void {
  store.putArms(
    ARMS.map((name) => ({
      name,
      content: { steer: name === "unsteered" ? null : "sae-latent", positions: "all" },
    })),
  );
  store.putLatents(
    Array.from({ length: LATENTS }, (_, i) => ({ latent: latentAt(i), label: `subject ${i}` })),
  );
  for (let i = 0; i < LATENTS; i++) {
    store.putThreshold({
      latent: latentAt(i),
      strength: strengthAt(i),
      lower: strengthAt(i) - 4,
      upper: strengthAt(i) + 4,
      queries: [{ strength: strengthAt(i), scores: [20, 40] }],
      stopped: "narrow",
      warning: null,
      verification: [25, 35],
    });
  }
  const comparisons = ["ablated", "control"].flatMap((treatment) =>
    ["multi-attempt", "esr"].map((outcome) => ({ reference: "steered", treatment, outcome })),
  );
  store.putEvent({ kind: "analysis", detail: [{ design: "ablation", comparisons, curves: [] }] });
}

function putTrial({
  store,
  maker,
  index,
  seed,
}: {
  store: RunStore;
  maker: TextMaker;
  index: number;
  seed: number;
}): void {
  const arm = ARMS[index % ARMS.length] ?? ARMS[0];
  const unit = Math.floor(index / ARMS.length);
  const at = unit % LATENTS;
  const promptIndex = Math.floor(unit / LATENTS) % PROMPTS;
  const rng = createRng({ seed, stream: index });
  const attempts = attemptCount({ arm, at, rng });
  const tokens = Math.round(MEAN_TOKENS * (0.6 + 0.8 * rng.next()));
  const made = maker.make({ rng, tokens, attempts });
  const trial: TrialRecord = {
    key: canonicalHash({ seed, index }),
    arm,
    unit: `${latentAt(at)}:${strengthAt(at)}:${promptIndex}:${Math.floor(unit / (LATENTS * PROMPTS))}`,
    latent: latentAt(at),
    strength: strengthAt(at),
    promptIndex,
    prompt: `Explain how to do the thing that stands at place ${promptIndex}.`,
    seed: Math.floor(2 ** 48 * rng.next()),
    text: made.text,
    tokens: made.tokens,
    offsets: made.offsets,
    finish: rng.next() < 0.3 ? "length" : "stop",
    promptTokens: 38,
    receipt: arm === "unsteered" ? null : receiptOf({ arm, at, made, rng }),
    degraded: rng.next() < 0.01,
    error: null,
    createdAt: CREATED,
  };
  // one trial in five hundred fails
  if (rng.below(500) === 0) {
    store.putTrial({ ...trial, ...FAILED });
    return;
  }
  store.putTrial(trial);
  store.putJudgement(judgementOf({ key: trial.key, arm, made, rng }));
}

const FAILED = {
  text: "",
  tokens: new Int32Array(0),
  offsets: new Int32Array(0),
  finish: null,
  promptTokens: 0,
  receipt: null,
  degraded: false,
  error: { code: "ENGINE_CRASHED", what: "made up" },
} satisfies Partial<TrialRecord>;

/** Steered answers start over more often than unsteered ones, ablated ones less, and latents differ. */
function attemptCount({ arm, at, rng }: { arm: string; at: number; rng: Rng }): number {
  const base = { unsteered: 0.002, steered: 0.06, ablated: 0.03 }[arm] ?? 0.055;
  if (rng.next() >= base * (0.4 + (1.2 * at) / LATENTS)) return 1;
  return 2 + Number(rng.next() < 0.2);
}

function latentAt(index: number): number {
  return 137 * index + 11;
}

function strengthAt(index: number): number {
  return 30 + ((index * 7919) % 4000) / 100;
}

function receiptOf({ arm, at, made, rng }: { arm: string; at: number; made: MadeText; rng: Rng }) {
  const rows = 38 + made.tokens.length;
  const edit = { rowsChanged: rows, meanValueBefore: 3 * rng.next(), meanValueAfter: 30 + 10 * rng.next() };
  return {
    layer: 15,
    rowsEdited: rows,
    promptRows: 38,
    generatedRows: made.tokens.length,
    meanDose: 0.2 + 0.2 * rng.next(),
    meanNormBefore: 270 + 10 * rng.next(),
    meanNormAfter: 280 + 10 * rng.next(),
    edits: [
      { kind: "add" as const, latent: latentAt(at), ...edit },
      ...(arm === "ablated"
        ? [{ kind: "clamp" as const, latent: 4710, ...edit, meanValueBefore: rng.next(), rowsChanged: 3 }]
        : []),
    ],
  };
}

function judgementOf({
  key,
  arm,
  made,
  rng,
}: {
  key: string;
  arm: string;
  made: MadeText;
  rng: Rng;
}): JudgementRecord {
  const common = { trialKey: key, judge: JUDGE, repeat: 0, createdAt: CREATED };
  if (rng.below(300) === 0)
    return { ...common, status: "unparsable", attempts: [], detail: { reason: "made up" } };
  const centre = arm === "unsteered" ? 75 : 30;
  const attempts = made.attempts.map((attempt, i): AttemptRecord => {
    const score = Math.min(100, Math.max(0, centre + 20 * i + 60 * (rng.next() - 0.5)));
    return {
      ...attempt,
      score,
      components: {
        dispersion: 1 + rng.next(),
        fluency: 1,
        logProb: -2 - rng.next(),
        onTopic: score / 100,
        repetition: 0,
        tokens: Math.round(made.tokens.length / made.attempts.length),
        topicality: rng.next(),
      },
    };
  });
  return {
    ...common,
    status: "scored",
    attempts,
    detail: {
      contrasts: "How do you parallel park a truck?\nExplain how to sew a button onto a coat.",
      curve: Array.from(made.tokens, () => curveValue(rng)),
      logProb: -2 - rng.next(),
      topicality: rng.next(),
      recoveryStatistic: Math.round(3000 * rng.next()) / 1000,
      ...(rng.below(200) === 0 ? { implicitRecoveryAt: Math.floor(made.text.length / 2) } : {}),
    },
  };
}

/** As the judge's: nats with three decimals, most of them within a quarter of 0. */
function curveValue(rng: Rng): number {
  const size = -0.26 * Math.log(1 - rng.next());
  return Math.round(1000 * (rng.next() < 0.4 ? -size : size)) / 1000 + 0;
}

function manifestOf(seed: number): Manifest {
  const describe = { contrastSize: 2, madeUp: true };
  return {
    design: "ablation",
    preset: null,
    config: { designs: ["ablation"], margin: 0, madeUp: true },
    createdAt: CREATED,
    packageVersion: "0.0.0",
    gitCommit: null,
    nodeVersion: process.version,
    engine: { name: "made up" },
    model: {
      path: "made-up.gguf",
      fileHash: "made-up",
      architecture: "llama",
      weightType: "q4_1",
      weightMode: "as-is",
      layers: 30,
      dModel: 576,
    },
    templateHash: "made-up",
    sae: { path: "made-up", hash: "made-up", layer: 15, latents: 8192 },
    prompts: { evaluation: "made-up", heldOut: null },
    judge: { id: JUDGE, describe, hash: canonicalHash(describe) },
    sampling: { temperature: 0.6, maxTokens: 256 },
    layer: 15,
    target: 30,
    seed,
  };
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    options: { trials: { type: "string" }, seed: { type: "string" } },
    allowPositionals: true,
  });
  const [dir] = positionals;
  if (dir === undefined) throw new Error("node bench/big-run.ts FOLDER [--trials n] [--seed n]");
  const began = Date.now();
  makeBigRun({
    dir,
    ...(values.trials === undefined ? {} : { trials: Number(values.trials) }),
    ...(values.seed === undefined ? {} : { seed: Number(values.seed) }),
    onProgress: (done) => {
      if (done % 20_000 === 0) console.log(`${done} trials, ${((Date.now() - began) / 1000).toFixed(0)} s`);
    },
  });
}
