/** What a language model that judges must reply, whether a provider runs it or the in-process engine. */
import { z } from "zod";

/**
 * Prose comes before numbers, so that a model that reasons as it writes has reasoned when it scores. Spans are given by their first words:
 * models copy text well and count characters badly.
 */
export const replySchema = z.strictObject({
  assessment: z.string(),
  attempts: z.array(
    z.strictObject({
      first_words: z.string(),
      restart_phrase: z.string().nullable(),
      feedback: z.string(),
      score: z.int().min(0).max(100),
    }),
  ),
});
export type JudgeReply = z.infer<typeof replySchema>;
export type ReplyAttempt = JudgeReply["attempts"][number];
