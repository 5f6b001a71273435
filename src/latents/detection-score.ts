/** How good a label is: whether a language model can tell by it in which of some unseen excerpts the latent fires. */
import { z } from "zod";
import type { LlmAnswer, LlmClient } from "../llm/llm-client.ts";
import { createRng } from "../stats/rng.ts";
import { onOneLine } from "./show-context.ts";

const DETECTION_VERSION = "latent-detection/1";

export interface DetectionScore {
  /** Mean of the two rates below, 0-1; a label that says nothing gets 0.5. */
  balancedAccuracy: number;
  /** Share of the excerpts in which it fires that were found. */
  sensitivity: number;
  /** Share of the others that were left out. */
  specificity: number;
  firing: number;
  silent: number;
}

const answerSchema = z.strictObject({ matches: z.array(z.number().int()) });

const SYSTEM = `You are given the name of a feature of a language model, and numbered excerpts from texts. The feature fires in some of the excerpts, perhaps in none.
Answer with the numbers of the excerpts in which a feature of this name would fire on at least one token.`;

export interface ScoreByDetectionOptions {
  client: LlmClient;
  label: string;
  /** Tokens of excerpts that the label's author did not see; at least one of each kind. */
  firing: readonly (readonly string[])[];
  silent: readonly (readonly string[])[];
  /** Orders the excerpts. */
  seed: number;
  signal?: AbortSignal | undefined;
}

/** One request. Throws what the client throws, RangeError without excerpts of both kinds; any other failure is the answer. */
export async function scoreByDetection(options: ScoreByDetectionOptions): Promise<LlmAnswer<DetectionScore>> {
  const { client, label, firing, silent, seed, signal } = options;
  if (firing.length === 0 || silent.length === 0)
    throw new RangeError("detection needs excerpts of both kinds");
  const excerpts = shuffled(
    [
      ...firing.map((tokens) => ({ text: onOneLine(tokens), fires: true })),
      ...silent.map((tokens) => ({ text: onOneLine(tokens), fires: false })),
    ],
    seed,
  );
  const answer = await client.complete({
    system: SYSTEM,
    prompt: `Feature: ${label}\n\n${excerpts.map(({ text }, i) => `${i + 1}. ${text.trim()}`).join("\n")}`,
    schema: answerSchema,
    promptVersion: DETECTION_VERSION,
    maxTokens: 300,
    signal,
  });
  if (answer.status !== "ok") return answer;
  const matches = new Set(answer.value.matches);
  const rate = (fires: boolean) => {
    const right = excerpts.filter((each, i) => each.fires === fires && matches.has(i + 1) === fires).length;
    return right / (fires ? firing.length : silent.length);
  };
  const sensitivity = rate(true);
  const specificity = rate(false);
  return {
    ...answer,
    value: {
      balancedAccuracy: (sensitivity + specificity) / 2,
      sensitivity,
      specificity,
      firing: firing.length,
      silent: silent.length,
    },
  };
}

function shuffled<T>(values: T[], seed: number): T[] {
  const rng = createRng({ seed });
  return values
    .map((value) => ({ value, order: rng.below(2 ** 31) }))
    .sort((a, b) => a.order - b.order)
    .map(({ value }) => value);
}
