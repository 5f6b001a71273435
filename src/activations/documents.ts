/** What residual rows are taken from: a question with the model's answer, or plain text. One JSON object a line. */
import { z } from "zod";

export const documentSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("chat"),
    /** The document's number among those asked for, where it was generated. */
    index: z.number().int().nonnegative().optional(),
    topic: z.string().optional(),
    prompt: z.string().min(1),
    response: z.string(),
  }),
  z.object({ kind: z.literal("text"), topic: z.string().optional(), text: z.string().min(1) }),
]);

/** A document of a corpus. */
export type Document = z.infer<typeof documentSchema>;
export type ChatDocument = Extract<Document, { kind: "chat" }>;
