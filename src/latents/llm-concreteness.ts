/** Concreteness of labels by a language model (METHOD.md 4, step 3): batches of 50 labels, 0 abstract or general to 100 concrete. The wording is our own. */
import { z } from "zod";
import type { LlmAnswer, LlmClient } from "../llm/llm-client.ts";

const CONCRETENESS_VERSION = "latent-concreteness/1";

const BATCH = 50;
const MAX_TOKENS = 10_000;

const answerSchema = z.strictObject({
  ratings: z.array(
    z.strictObject({ label: z.string(), justification: z.string(), rating: z.number().min(0).max(100) }),
  ),
});

const SYSTEM = "You rate short labels by how concrete they are, and answer in JSON only.";

const TASK = `Rate each label from 0 to 100.
0 is abstract or general: grammar, function words, punctuation, tone, degree, reasoning, the flow of a conversation.
100 is concrete or of one domain: physical things, living beings, food, places, people, or a specialised subject with its own words.
Labels about the style of a conversation or of an assistant's answer are rated low, whatever they mention.
Give every label once, spelt as below, with a justification of one short sentence.`;

export interface RateByLlmOptions {
  client: LlmClient;
  labels: readonly string[];
  signal?: AbortSignal | undefined;
  /** Called after each batch with the labels that are done. */
  onProgress?: ((done: number) => void) | undefined;
}

export interface LlmRatings {
  /** By label. A label that the model left out, or whose batch failed, has none: a failure is no rating. */
  ratings: Map<string, number>;
  failures: Exclude<LlmAnswer<unknown>, { status: "ok" }>[];
}

/** All batches at once; the client limits how many are under way. Throws what the client throws. */
export async function rateConcretenessByLlm({
  client,
  labels,
  signal,
  onProgress,
}: RateByLlmOptions): Promise<LlmRatings> {
  const wanted = [...new Set(labels)];
  const batches = Array.from({ length: Math.ceil(wanted.length / BATCH) }, (_, i) =>
    wanted.slice(i * BATCH, (i + 1) * BATCH),
  );
  let done = 0;
  const answers = await Promise.all(
    batches.map(async (batch) => {
      const answer = await client.complete({
        system: SYSTEM,
        prompt: `${TASK}\n\n${batch.map((label) => `- ${label}`).join("\n")}`,
        schema: answerSchema,
        promptVersion: CONCRETENESS_VERSION,
        maxTokens: MAX_TOKENS,
        signal,
      });
      done += batch.length;
      onProgress?.(done);
      return { batch: new Set(batch), answer };
    }),
  );
  const ratings = new Map<string, number>();
  const failures: LlmRatings["failures"] = [];
  for (const { batch, answer } of answers) {
    if (answer.status !== "ok") {
      failures.push(answer);
      continue;
    }
    for (const { label, rating } of answer.value.ratings) {
      if (batch.has(label)) ratings.set(label, rating);
    }
  }
  return { ratings, failures };
}
