/** `labels.jsonl` of a dictionary: one JSON object a line, one line a latent. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { messageOf } from "../errors.ts";
import { unreadable } from "./safetensors-header.ts";

export interface Label {
  index: number;
  label: string;
  /** Share of corpus tokens on which the latent is active; 0 is dead. */
  frequency: number;
  maxActivation: number;
  meanActivation: number;
  /** Tokens of the strongest activations, strongest first, with their leading spaces. */
  topTokens: string[];
  /** Topics of the texts in which they stood. */
  topTopics: string[];
  /** A judge's rating, 0 abstract to 100 concrete; null if nobody rated it. */
  concreteness: number | null;
}

const lineSchema = z
  .object({
    index: z.number().int().nonnegative(),
    label: z.string(),
    frequency: z.number().min(0).max(1),
    max_activation: z.number(),
    mean_activation: z.number(),
    top_tokens: z.array(z.string()),
    top_topics: z.array(z.string()),
    concreteness: z.number().min(0).max(100).nullish(),
  })
  .transform(
    (line): Label => ({
      index: line.index,
      label: line.label,
      frequency: line.frequency,
      maxActivation: line.max_activation,
      meanActivation: line.mean_activation,
      topTokens: line.top_tokens,
      topTopics: line.top_topics,
      concreteness: line.concreteness ?? null,
    }),
  );

function readLine({ path, text, line }: { path: string; text: string; line: number }): Label {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw unreadable({ path, why: `Line ${line} is not JSON.`, facts: { line }, cause });
  }
  const parsed = lineSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw unreadable({
    path,
    why: `Line ${line} is not a label: ${z.prettifyError(parsed.error)}.`,
    facts: { line },
  });
}

/**
 * Labels in the file's order. Throws SAE_UNREADABLE with the number of the bad line (malformed, repeated or out of range).
 * @param latents number of latents of the dictionary, to check the indices against.
 */
export function readLabels({
  path,
  latents = Number.POSITIVE_INFINITY,
}: {
  path: string;
  latents?: number;
}): Label[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw unreadable({ path, why: `${messageOf(cause)}.`, cause });
  }
  const seen = new Map<number, number>();
  const labels: Label[] = [];
  for (const [at, lineText] of text.split("\n").entries()) {
    if (lineText.trim() === "") continue;
    const line = at + 1;
    const label = readLine({ path, text: lineText, line });
    const earlier = seen.get(label.index);
    if (earlier !== undefined) {
      throw unreadable({
        path,
        why: `Line ${line} repeats latent ${label.index} of line ${earlier}.`,
        facts: { line },
      });
    }
    if (label.index >= latents) {
      throw unreadable({
        path,
        why: `Line ${line} names latent ${label.index} of ${latents}.`,
        facts: { line },
      });
    }
    seen.set(label.index, line);
    labels.push(label);
  }
  return labels;
}
