/** Answers steered so strongly that they break, which show the judge what broken text looks like in this model. */
import type { GenerationRequest } from "../engine/engine.ts";
import { createRng } from "../stats/rng.ts";
import type { Answer } from "./calibrate-judge.ts";
import type { Session } from "./session.ts";
import { drawPrompts, keyedSeed } from "./units.ts";

/** Times the end of the range of thresholds. On the default model that is a dose of about 1.4: loops and word salad. */
export const BREAKING = 1.5;

export interface BrokenAnswersOptions {
  session: Session;
  count: number;
  signal?: AbortSignal | undefined;
  onAnswer?: ((tokens: number) => void) | undefined;
}

/** Each steered by another latent, to held-out prompts. Empty answers are left out. */
export async function brokenAnswers({
  session,
  count,
  signal,
  onAnswer,
}: BrokenAnswersOptions): Promise<Answer[]> {
  const { engine, prompts, sampling, config, tokensOf, dictionary, layer, search } = session;
  const rng = createRng({ seed: keyedSeed("broken-latents", config.seed) });
  const drawn = drawPrompts({
    prompts: prompts.heldOut.length,
    count,
    seed: keyedSeed("broken-prompts", config.seed),
  });
  const strength = BREAKING * Math.max(...search.range.map(Math.abs));
  const requests: GenerationRequest[] = [];
  for (const [index, prompt] of drawn.entries()) {
    const direction = { sae: dictionary.path, latent: rng.below(dictionary.latents) };
    requests.push({
      id: String(index),
      tokens: await tokensOf(prompts.heldOut[prompt] ?? ""),
      sampling: { ...sampling, seed: keyedSeed("broken", config.seed, index) },
      intervention: { layer, edits: [{ kind: "add", direction, strength }], positions: { kind: "all" } },
    });
  }
  const answers = new Map<number, Answer>();
  for await (const { id, tokens, text, offsets } of engine.generate(requests, signal ? { signal } : {})) {
    const index = Number(id);
    onAnswer?.(tokens.length);
    if (tokens.length > 0) {
      answers.set(index, { prompt: prompts.heldOut[drawn[index] ?? 0] ?? "", tokens, text, offsets });
    }
  }
  return [...answers.entries()].sort(([a], [b]) => a - b).map(([, answer]) => answer);
}
