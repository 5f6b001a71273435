/** Runs whose trials read like trials: an answer that drifts off, stops itself and starts over, with a curve and a recorded latent that follow it. */
import path from "node:path";
import { shippedAdapters } from "../../../src/finetune/adapter/shipped-adapters.ts";
import { sha256File } from "../../../src/model/sha256-file.ts";
import { ANALYSIS_EVENT } from "../../../src/store/analysis.ts";
import { createRun } from "../../../src/store/open-store.ts";
import type { RunStore } from "../../../src/store/run-store.ts";
import {
  JUDGE,
  judgementRecord,
  manifestRecord,
  receiptRecord,
  trialRecord,
} from "../../support/run-records.ts";

export const DRIFT = "Warm the milk slowly, as lighthouses on the coast shine for the ships.";
export const RESTART = "Wait, that is not what was asked. Let me start over.";
export const ANSWER = "Warm the milk slowly, stir in the cocoa, and serve it hot.";
const PLAIN = "Stir the cocoa into warm milk and let it stand a minute before you drink it.";
/** Shipped with the package. */
export const ADAPTER = "smollm2-135m-instruct.self-correct";
const ARMS = ["steered", "focus"] as const;
const LATENTS = [12, 40, 77, 301, 512, 4096];
const PROMPTS = ["How do I make hot cocoa?", "How do I wash a woollen jumper?", "How do I plant a tulip?"];
/** Reads like markup, and must never be it: each would change `window` where it ran. */
export const HOSTILE =
  '<script>window.hacked = "script"</script> <img src="x" onerror="window.hacked = 1"> <svg onload="window.hacked = 2"></svg> <a href="javascript:window.hacked = 3">here</a>';

export interface MadeRuns {
  /** Folder names within the shown folder. */
  plain: string;
  other: string;
  hostile: string;
}

/** The second arm of `plain` has a shipped adapter, `other` has another temperature, and every text of `hostile` is markup. */
export async function makeRuns(folder: string): Promise<MadeRuns> {
  const names = { plain: "esr-plain", other: "esr-warmer", hostile: "esr-hostile" };
  const adapter = await shippedHash();
  makeRun({ dir: path.join(folder, names.plain), adapter });
  makeRun({ dir: path.join(folder, names.other), temperature: 0.9 });
  makeRun({ dir: path.join(folder, names.hostile), text: HOSTILE });
  return names;
}

async function shippedHash(): Promise<string> {
  const file = shippedAdapters().get(ADAPTER);
  if (file === undefined) throw new Error(`no adapter ${ADAPTER} is shipped`);
  return await sha256File({ path: file });
}

interface MakeRunOptions {
  dir: string;
  /** Hash of what the second arm was answered with. @default none */
  adapter?: string;
  temperature?: number;
  /** Goes into every text that someone else writes. @default "" */
  text?: string;
}

function makeRun({ dir, adapter, temperature = 0.6, text = "" }: MakeRunOptions): void {
  const sampling = { temperature, topP: 1, maxTokens: 160 };
  const store = createRun({ dir, manifest: manifestRecord({ sampling }) });
  // one wait for the disk
  store.transaction(() => fill({ store, text, adapter }));
  store.close();
}

function fill({
  store,
  text,
  adapter = null,
}: {
  store: RunStore;
  text: string;
  adapter: string | null | undefined;
}): void {
  const named = (arm: string) => (text === "" ? arm : `${arm} ${text}`);
  store.putArms([
    { name: named("steered"), content: { steer: "sae-latent", layer: 15, positions: "all" } },
    {
      name: named("focus"),
      content: {
        steer: "sae-latent",
        layer: 15,
        positions: "all",
        ...(adapter === null ? {} : { adapter }),
        metaPrompt: { text: `Keep to the question. ${text}`, place: "after" },
      },
    },
  ]);
  const comparisons = [{ reference: named("steered"), treatment: named("focus"), outcome: "multi-attempt" }];
  store.putEvent({ kind: ANALYSIS_EVENT, detail: [{ design: "meta-prompt", comparisons, curves: [] }] });
  store.putLatents(LATENTS.map((latent) => ({ latent, label: `ships and lighthouses ${latent} ${text}` })));
  for (const [a, arm] of ARMS.entries()) {
    for (const [l, latent] of LATENTS.entries()) {
      for (const [promptIndex, prompt] of PROMPTS.entries()) {
        const unit = l * PROMPTS.length + promptIndex;
        // the second arm restarts in all of the first's units, and in more
        const restarts = unit % 4 === 0 || (a === 1 && unit % 3 === 0);
        const change = unit % 8 === 0 ? 62.5 : -3.5;
        putTrial({
          store,
          key: `${arm}-${unit}`,
          arm: named(arm),
          unit: `unit ${unit}`,
          latent,
          promptIndex,
          prompt: `${prompt} ${text}`.trim(),
          text,
          restarts,
          change,
        });
      }
    }
  }
  store.putEvent({ kind: "finished", detail: { trials: store.counts().trials } });
}

interface PutTrialOptions {
  store: RunStore;
  key: string;
  arm: string;
  unit: string;
  latent: number;
  promptIndex: number;
  prompt: string;
  text: string;
  restarts: boolean;
  /** From the first score to the last. */
  change: number;
}

function putTrial({ store, text, restarts, change, ...own }: PutTrialOptions): void {
  const drift = `${DRIFT} ${text}`.trim();
  const answer = `${RESTART} ${ANSWER} ${text}`.trim();
  const response = restarts ? `${drift} ${answer}` : `${PLAIN} ${text}`.trim();
  const offsets = [...response.matchAll(/ ?\S+/g)].map(({ index }) => index);
  const at = drift.length + 1;
  const isDrift = (offset: number) => restarts && offset < drift.length;
  store.putTrial(
    trialRecord({
      ...own,
      text: response,
      strength: 60.5,
      tokens: Int32Array.from(offsets, (_, i) => i + 1),
      offsets: Int32Array.from(offsets),
      promptTokens: 2,
      receipt: {
        ...receiptRecord(0.4),
        edits: [
          { kind: "add", latent: own.latent, rowsChanged: 23, meanValueBefore: 0, meanValueAfter: 11.5 },
        ],
      },
    }),
  );
  store.putActivations({
    trialKey: own.key,
    name: "steered",
    rows: 2 + offsets.length,
    columns: [own.latent],
    values: Float32Array.of(0, 0, ...offsets.map((offset) => (isDrift(offset) ? 8 : 0.5))),
  });
  const part = { components: { onTopic: 0.4 } };
  store.putJudgement(
    judgementRecord({
      trialKey: own.key,
      judge: JUDGE,
      attempts: restarts
        ? [
            { ...part, start: 0, end: drift.length, restartPhrase: null, score: 25 },
            { ...part, start: at, end: response.length, restartPhrase: RESTART, score: 25 + change },
          ]
        : [{ ...part, start: 0, end: response.length, restartPhrase: null, score: 41 }],
      detail: {
        curve: offsets.map((offset) => (isDrift(offset) ? -1.2 : 0.8)),
        comment: `It drifts. ${text}`,
      },
    }),
  );
}
