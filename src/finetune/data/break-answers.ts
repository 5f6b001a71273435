/** Answers steered so strongly that they break, which show the judge what broken text looks like in this model. */
import { chatTokens } from "../../engine/chat-tokens.ts";
import type { Engine, GenerationRequest } from "../../engine/engine.ts";
import type { Answer } from "../../judge/answer-scores.ts";
import type { Dictionary } from "../../sae/dictionary.ts";
import { createRng } from "../../stats/rng.ts";
import { type KeptGeneration, keepGenerations } from "./keep-generations.ts";
import { START_SAMPLING } from "./off-topic-starts.ts";
import type { Shelf } from "./shelf.ts";

export interface BreakAnswersOptions {
  engine: Engine;
  dictionary: Dictionary;
  layer: number;
  prompts: readonly string[];
  latents: readonly number[];
  meanNorm: number;
  seed: number;
  shelf: Shelf<KeptGeneration>;
  signal?: AbortSignal | undefined;
}

const COUNT = 16;
/** On the default model text is loops and word salad from a dose of about 1.2. */
const DOSE = 1.4;
const MAX_TOKENS = 64;
/** As many as the judge needs to score a text. */
const LEAST_TOKENS = 5;

/** Each by another draw of prompt and latent; answers that are too short to be measured are left out. */
export async function breakAnswers(
  options: BreakAnswersOptions,
): Promise<Pick<Answer, "prompt" | "tokens">[]> {
  const { engine, dictionary, layer, prompts, latents, meanNorm, seed, shelf, signal } = options;
  const rng = createRng({ seed, stream: 4 });
  const chosen = Array.from({ length: COUNT }, () => ({
    prompt: prompts[rng.below(prompts.length)] ?? "",
    latent: latents[rng.below(latents.length)] ?? 0,
    seed: rng.below(2 ** 48),
  }));
  const requests = await Promise.all(
    chosen.map(async ({ prompt, latent, seed: own }, i): Promise<GenerationRequest> => {
      const strength = (DOSE * meanNorm) / (Math.hypot(...dictionary.direction(latent)) || 1);
      return {
        id: `broken-${i}`,
        tokens: await chatTokens({ engine, messages: [{ role: "user", content: prompt }] }),
        sampling: { ...START_SAMPLING, maxTokens: MAX_TOKENS, seed: own },
        intervention: {
          layer,
          edits: [{ kind: "add", direction: { sae: dictionary.path, latent }, strength }],
          positions: { kind: "all" },
        },
      };
    }),
  );
  const made = await keepGenerations({ engine, requests, shelf, signal });
  return made.flatMap(({ tokens }, i) => {
    const prompt = chosen[i]?.prompt;
    if (prompt === undefined || tokens.length < LEAST_TOKENS) return [];
    return [{ prompt, tokens: Int32Array.from(tokens) }];
  });
}
