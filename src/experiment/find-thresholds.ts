/** Finds one latent's threshold on held-out prompts, through stored samples, so that a search that was cut off goes on where it was. */
import type { Intervention } from "../engine/engine.ts";
import { isJudgeFailure, isOutage } from "../judge/judge.ts";
import { searchThreshold } from "../threshold/search.ts";
import { generate, judgeResponse } from "./generate-and-judge.ts";
import { type Runtime, recordOf } from "./runtime.ts";
import { drawPrompts, keyedSeed } from "./units.ts";

/** Searches, verifies and stores the threshold of a latent and returns its strength; a stored one is returned as it is. */
export async function findThreshold({
  latent,
  runtime,
}: {
  latent: number;
  runtime: Runtime;
}): Promise<number> {
  const { store, session } = runtime;
  const { threshold: settings } = session.config;
  const stored = store.threshold(latent);
  if (stored !== null) {
    return stored.strength;
  }
  const known = runtime.earlier?.threshold(latent) ?? null;
  if (known !== null) {
    return known;
  }
  const found = await searchThreshold({
    settings: session.search,
    ask: ({ strength, index }) =>
      sampleScores({ latent, strength, query: index, count: settings.samples, purpose: "search", runtime }),
  });
  const verification = await sampleScores({
    latent,
    strength: found.strength,
    query: 0,
    count: settings.verifySamples,
    purpose: "verify",
    runtime,
  });
  store.putThreshold({ ...found, latent, verification });
  return found.strength;
}

interface SampleOptions {
  latent: number;
  strength: number;
  query: number;
  count: number;
  purpose: "search" | "verify";
  runtime: Runtime;
}

/** First-attempt scores of the samples of one query; samples that could not be scored are left out, never read as 0. */
async function sampleScores(options: SampleOptions): Promise<number[]> {
  const { latent, query, count, purpose, runtime } = options;
  const seed = keyedSeed(`threshold-${purpose}`, runtime.session.config.seed, latent, query);
  const prompts = drawPrompts({ prompts: runtime.session.prompts.heldOut.length, count, seed });
  const scores = await Promise.all(
    prompts.map((promptIndex, sample) => sampleScore(options, promptIndex, sample)),
  );
  return scores.filter((score) => score !== null);
}

async function sampleScore(
  options: SampleOptions,
  promptIndex: number,
  sample: number,
): Promise<number | null> {
  const { latent, strength, query, purpose, runtime } = options;
  const { store, session } = runtime;
  const key = `${latent}:${purpose}:${query}:${sample}:${strength}`;
  const stored = store.thresholdSample(key);
  if (stored !== null) {
    return stored.score;
  }
  const { dictionary, layer, prompts, config } = session;
  const intervention: Intervention = {
    layer,
    positions: { kind: "all" },
    edits: [{ kind: "add", direction: { sae: dictionary.path, latent }, strength }],
  };
  const seed = keyedSeed(`threshold-sample-${purpose}`, config.seed, latent, query, sample);
  const record = { key, latent, purpose, query, sample, strength, promptIndex, seed };
  try {
    const id = `threshold:${key}`;
    const prompt = prompts.heldOut[promptIndex] ?? "";
    const { maxTokens } = config.threshold;
    const tokens = await session.tokensOf(prompt);
    const generation = await generate({ runtime, id, tokens, intervention, seed, maxTokens });
    const judgement = await judgeResponse({ runtime, id, prompt, latent, generation });
    if (isOutage(judgement)) {
      // not stored, so that a resumed search asks again
      return null;
    }
    const score = isJudgeFailure(judgement) ? null : (judgement.attempts[0]?.score ?? null);
    const { text: response, tokens: sampled, receipt } = generation;
    store.putThresholdSample({
      ...record,
      score,
      response,
      tokens: sampled,
      judgement,
      receipt,
      error: null,
    });
    runtime.meter.step({ tokens: sampled.length });
    return score;
  } catch (error) {
    const failure = recordOf(error);
    const nothing = { score: null, response: "", tokens: new Int32Array(0), judgement: null, receipt: null };
    store.putThresholdSample({ ...record, ...nothing, error: failure });
    runtime.meter.step();
    return null;
  }
}
