/** What an arm does to a trial, read out of the run's own record of the arm (`ArmRecord.content`). Unknown fields are passed over: the record may be of another version. */
import { z } from "zod";

interface Where {
  kind: string;
  start?: number | undefined;
  end?: number | undefined;
}

const latents = z.array(z.int().min(0));
const positions = z.union([
  z.string().transform((kind): Where => ({ kind })),
  z.object({ kind: z.string(), start: z.number().optional(), end: z.number().optional() }),
]);

export const contentSchema = z.object({
  steer: z.string().nullable().catch(null),
  layer: z.int().min(0).nullable().catch(null),
  positions: positions.catch({ kind: "all" }),
  level: z
    .discriminatedUnion("kind", [
      z.object({ kind: z.literal("threshold"), times: z.number() }),
      z.object({ kind: z.literal("shared"), deviations: z.number() }),
      z.object({ kind: z.literal("kl"), nats: z.number() }),
    ])
    .nullable()
    .catch(null),
  ablate: z
    .object({ latents, value: z.number().default(0), share: z.number().default(1) })
    .nullable()
    .catch(null),
  metaPrompt: z.object({ text: z.string(), place: z.string() }).nullable().catch(null),
  prefill: z
    .discriminatedUnion("kind", [
      z.object({ kind: z.literal("text"), text: z.string() }),
      z.object({ kind: z.literal("arm"), tokens: z.number(), followedBy: z.string().optional() }),
    ])
    .nullable()
    .catch(null),
  adapter: z.string().nullable().catch(null),
});
export type ArmContent = z.infer<typeof contentSchema>;

export const samplingSchema = z.object({
  temperature: z.number().nullable().catch(null),
  maxTokens: z.number().nullable().catch(null),
});
export type ShownSampling = z.infer<typeof samplingSchema>;

export interface GivenEndOptions {
  content: ArmContent;
  text: string;
  offsets: readonly number[];
  promptTokens: number;
  /** Rows of the prompt that were edited, a given start among them; null without an edit. */
  promptRows: number | null;
}

/** UTF-16 offset up to which the response was given and not written by the model; null where a start was given and its end is not known. */
export function givenEnd({
  content,
  text,
  offsets,
  promptTokens,
  promptRows,
}: GivenEndOptions): number | null {
  const { prefill, positions: where } = content;
  if (prefill === null) return 0;
  if (prefill.kind === "text") return text.startsWith(prefill.text) ? prefill.text.length : null;
  if (prefill.followedBy !== undefined) {
    const at = text.indexOf(prefill.followedBy);
    if (at >= 0) return at + prefill.followedBy.length;
  }
  const isCounted = where.kind === "all" || where.kind === "prompt";
  if (promptRows === null || !isCounted || promptRows <= promptTokens) return null;
  return offsets[promptRows - promptTokens] ?? text.length;
}
