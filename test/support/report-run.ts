/** A stored run that has something for every part of a report, and whose names and texts a test chooses. */
import { ANALYSIS_EVENT } from "../../src/store/analysis.ts";
import { createRun } from "../../src/store/open-store.ts";
import type { RunStore } from "../../src/store/run-store.ts";
import { FAILED, JUDGE, judgementRecord, manifestRecord, receiptRecord, trialRecord } from "./run-records.ts";

export const SECOND_JUDGE = "llm/3";
const LATENTS = 12;
const PROMPTS = 3;
export const RESTART = "Wait, let me start over.";

export interface ReportRunOptions {
  dir: string;
  /** Stands in names of arms, labels, prompts and answers. @default "" */
  text?: string;
}

/** Arms `steered`, `strong`, `weak` and `silent`, whose trials all failed; each with `text` after its name. */
export function makeReportRun({ dir, text = "" }: ReportRunOptions): RunStore {
  const store = createRun({ dir, manifest: manifestRecord({ design: `dose${text}` }) });
  // one wait for the disk
  store.transaction(() => fill(store, text));
  return store;
}

function fill(store: RunStore, text: string): void {
  const name = (arm: string) => `${arm}${text}`;
  const arms = ["steered", "strong", "weak", "silent"].map(name);
  const [steered = "", strong = "", weak = "", silent = ""] = arms;
  store.putArms(arms.map((arm) => ({ name: arm, content: { arm, metaPrompt: text } })));
  store.putEvent({
    kind: ANALYSIS_EVENT,
    detail: [
      {
        design: `dose${text}`,
        comparisons: [
          { reference: steered, treatment: strong, outcome: "multi-attempt" },
          { reference: steered, treatment: weak, outcome: "first-score" },
          { reference: steered, treatment: silent, outcome: "esr" },
        ],
        curves: [
          {
            axis: `times the threshold${text}`,
            points: [weak, steered, strong].map((arm, i) => ({ arm, x: 0.5 + i / 2 })),
          },
        ],
      },
    ],
  });
  store.putLatents(
    Array.from({ length: LATENTS }, (_, latent) => ({ latent, label: `label ${latent}${text}` })),
  );
  for (let latent = 0; latent < LATENTS; latent++) putThreshold(store, latent);
  for (const [a, arm] of arms.entries()) {
    for (let unit = 0; unit < LATENTS * PROMPTS; unit++) {
      putTrial({ store, arm, unit, text, gain: arm === silent ? null : a });
    }
  }
}

function putThreshold(store: RunStore, latent: number): void {
  store.putThreshold({
    latent,
    strength: 10 + latent,
    lower: 8,
    upper: 30,
    queries: [{ strength: 12, scores: [10, 50] }],
    stopped: "max-queries",
    warning: latent === 3 ? "high" : null,
    verification: [20 + latent, 30 + latent],
  });
}

interface PutTrialOptions {
  store: RunStore;
  arm: string;
  unit: number;
  text: string;
  /** The larger, the higher its first scores and the fewer its restarts; null fails. */
  gain: number | null;
}

function putTrial({ store, arm, unit, text, gain }: PutTrialOptions): void {
  const key = `${arm} ${unit}`;
  const latent = unit % LATENTS;
  const begin = `Bees hum about ${text}.`;
  const answer = `${begin} ${RESTART} Mix flour ${text} and water.`;
  const own = {
    key,
    arm,
    unit: `unit ${unit}`,
    latent,
    promptIndex: unit % PROMPTS,
    prompt: `How do I bake ${text} bread?`,
  };
  if (gain === null) {
    store.putTrial(trialRecord({ ...own, ...FAILED }));
    return;
  }
  store.putTrial(
    trialRecord({
      ...own,
      text: answer,
      receipt: receiptRecord(0.2 + gain / 10),
      finish: unit % 5 === 0 ? "length" : "stop",
    }),
  );
  const first = (unit * 7 + gain * 20) % 60;
  const last = Math.min(100, Math.max(0, first + (((unit * 37) % 90) - 30)));
  const restarts = unit % (2 + gain) === 0;
  const attempts = restarts
    ? [
        { start: 0, end: begin.length, restartPhrase: null, score: first, components: {} },
        { start: begin.length + 1, end: answer.length, restartPhrase: RESTART, score: last, components: {} },
      ]
    : [{ start: 0, end: answer.length, restartPhrase: null, score: first, components: {} }];
  store.putJudgement(judgementRecord({ trialKey: key, judge: JUDGE, attempts }));
  const other = attempts.map((attempt, i) => ({
    ...attempt,
    score: Math.min(100, attempt.score + ((unit * 13 + i) % 30)),
  }));
  store.putJudgement(
    judgementRecord({
      trialKey: key,
      judge: SECOND_JUDGE,
      attempts: unit % 9 === 0 ? other.slice(0, 1) : other,
    }),
  );
}
