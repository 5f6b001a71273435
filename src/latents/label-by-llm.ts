/** Lets a language model name latents and scores each name on contexts that it did not see. */
import type { LlmAnswer, LlmClient } from "../llm/llm-client.ts";
import type { Label } from "../sae/labels.ts";
import { type DetectionScore, scoreByDetection } from "./detection-score.ts";
import type { LabelledLatent } from "./label-latents.ts";
import { llmLabel } from "./llm-label.ts";

export interface LabelByLlmOptions {
  client: LlmClient;
  latents: readonly LabelledLatent[];
  /** Tokens of contexts in which a latent is silent. */
  silentOf: (latent: number) => readonly (readonly string[])[];
  signal?: AbortSignal | undefined;
  onProgress?: ((done: number) => void) | undefined;
}

export interface LabelledByLlm {
  /** In the order of `latents`. A latent whose request failed keeps the label that it had. */
  labels: Label[];
  /** By index of the latent. */
  detection: Map<number, DetectionScore>;
  failures: { latent: number; status: string; reason: string }[];
}

/** Contexts shown for naming: of the strongest, and of the sample; the rest of the sample is for scoring. */
const SHOWN_TOP = 8;
const SHOWN_SAMPLE = 4;
/** Excerpts of each kind by which a name is scored. */
const SCORED = 6;

/** All requests at once; the client limits how many are under way. Throws what the client throws. */
export async function labelByLlm(options: LabelByLlmOptions): Promise<LabelledByLlm> {
  const { latents, onProgress } = options;
  const detection: LabelledByLlm["detection"] = new Map();
  const failures: LabelledByLlm["failures"] = [];
  let done = 0;
  const labels = await Promise.all(
    latents.map(async (latent): Promise<Label> => {
      const { index } = latent.label;
      const note = (answer: Exclude<LlmAnswer<unknown>, { status: "ok" }>) => {
        failures.push({ latent: index, status: answer.status, reason: answer.reason });
      };
      const { named, score } = await labelOne({ ...options, latent });
      done += 1;
      onProgress?.(done);
      if (named.status !== "ok") {
        note(named);
        return latent.label;
      }
      const label: Label = { ...latent.label, label: named.value.label, source: "llm" };
      if (score === null) return label;
      if (score.status !== "ok") {
        note(score);
        return label;
      }
      detection.set(index, score.value);
      return { ...label, detection: score.value.balancedAccuracy };
    }),
  );
  failures.sort((a, b) => a.latent - b.latent);
  return { labels, detection, failures };
}

async function labelOne({
  client,
  latent: { label, contexts },
  silentOf,
  signal,
}: LabelByLlmOptions & { latent: LabelledLatent }) {
  const isShown = everyNth({ of: contexts.sample.length, count: SHOWN_SAMPLE });
  const shown = [...contexts.top.slice(0, SHOWN_TOP), ...contexts.sample.filter((_, i) => isShown(i))];
  const named = await llmLabel({ client, contexts: shown, promoted: label.promoted ?? [], signal });
  // a place may be among the strongest and in the sample: what was shown can't be used for scoring
  const seen = new Set(shown.map(({ tokens }) => tokens.join("")));
  const firing = contexts.sample.map(({ tokens }) => tokens).filter((tokens) => !seen.has(tokens.join("")));
  const silent = silentOf(label.index).slice(0, SCORED);
  if (named.status !== "ok" || firing.length === 0 || silent.length === 0) return { named, score: null };
  const score = await scoreByDetection({
    client,
    label: named.value.label,
    firing: firing.slice(0, SCORED),
    silent,
    seed: label.index,
    signal,
  });
  return { named, score };
}

/** Which of `of` things to take so that `count` are spread over them. */
function everyNth({ of, count }: { of: number; count: number }): (i: number) => boolean {
  const step = Math.max(1, of / count);
  const chosen = new Set(Array.from({ length: Math.min(count, of) }, (_, i) => Math.floor(i * step)));
  return (i) => chosen.has(i);
}
