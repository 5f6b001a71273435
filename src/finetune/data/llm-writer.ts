/**
 * Examples by a language model, in the paper's way (METHOD.md 9.1): for a question and a subject, sentences that veer to the subject and then a
 * right answer. Unlike there the writer gives the two apart and the acknowledgement is ours: its wording varies evenly, and where the mask
 * ends is known instead of searched for.
 */
import { z } from "zod";
import type { LlmAnswer, LlmClient } from "../../llm/llm-client.ts";

/** Changes with the wording below; part of the cache key. */
const WRITER_VERSION = "finetune-writer/1";

const SYSTEM =
  "You write training examples for a research project about language models that notice when they have left the topic. " +
  "Write plain prose without headings or lists. Do not mention this task.";

const correctionSchema = z.object({
  /** Begins as an answer might, and is about the subject. */
  offTopic: z.string().min(1),
  answer: z.string().min(1),
});
const normalSchema = z.object({ answer: z.string().min(1) });

export interface WriterRequest {
  client: LlmClient;
  prompt: string;
  /** The same request with another number is answered anew. */
  repeat: number;
  signal?: AbortSignal | undefined;
}

export type WrittenCorrection = z.infer<typeof correctionSchema>;

/** As in the paper: 2-4 sentences each, temperature 0.8. */
export function writeCorrection({
  client,
  prompt,
  subject,
  repeat,
  signal,
}: WriterRequest & { subject: string }): Promise<LlmAnswer<WrittenCorrection>> {
  return client.complete({
    system: SYSTEM,
    prompt:
      `Question: ${prompt}\nOther subject: ${subject}\n\n` +
      "First write two to four sentences that begin like an answer to the question and slide into the other subject, so that they end up being about " +
      "it alone. They must not notice it. Then write, separately, a correct answer to the question in two to four sentences that does not refer to " +
      "what came before.\nGive the first as `offTopic` and the second as `answer`.",
    schema: correctionSchema,
    promptVersion: WRITER_VERSION,
    maxTokens: 1024,
    temperature: 0.8,
    repeat,
    signal,
  });
}

export function writeNormal({
  client,
  prompt,
  repeat,
  signal,
}: WriterRequest): Promise<LlmAnswer<z.infer<typeof normalSchema>>> {
  return client.complete({
    system: SYSTEM,
    prompt: `Question: ${prompt}\n\nAnswer it correctly in three to five sentences. Give the answer as \`answer\`.`,
    schema: normalSchema,
    promptVersion: WRITER_VERSION,
    maxTokens: 1024,
    temperature: 0.8,
    repeat,
    signal,
  });
}
