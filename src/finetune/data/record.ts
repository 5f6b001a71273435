/**
 * One training example (METHOD.md 9.2 in a form of our own): a question, and an answer cut into segments that are trained or masked from the loss.
 * The prompt is the user's plain question; the chat template is put around it when the example is tokenised.
 */
import { z } from "zod";

const segmentSchema = z.strictObject({ text: z.string().min(1), trained: z.boolean() });

export const recordSchema = z
  .strictObject({
    id: z.string().min(1),
    kind: z.enum(["self-correction", "normal"]),
    /** The user turn, without template. */
    prompt: z.string().min(1),
    /** Their texts concatenate to the assistant's answer. The end-of-turn token is always trained and never in the text. */
    segments: z.array(segmentSchema).min(1),
    /** The restart phrase with which the trained part begins; a held-out one is never trained. */
    acknowledgement: z
      .strictObject({ id: z.string().min(1), text: z.string().min(1), heldOut: z.boolean() })
      .optional(),
    /** What the off-topic start is about: a subject, or the label of the latent that steered it. */
    subject: z.string().min(1).optional(),
    split: z.enum(["train", "validation"]),
    /** How the off-topic start was made, where it was made by steering. */
    steering: z.strictObject({ latent: z.int().nonnegative(), strength: z.number().positive() }).optional(),
  })
  .refine((record) => record.segments.some((segment) => segment.trained), {
    error: "no segment of the example is trained",
    path: ["segments"],
  });

/** `segments` concatenate to the answer; those with `trained: false` are masked from the loss. */
export type FinetuneRecord = z.infer<typeof recordSchema>;

/** The assistant's whole answer. */
export function answerOf(record: Pick<FinetuneRecord, "segments">): string {
  return record.segments.map((segment) => segment.text).join("");
}
