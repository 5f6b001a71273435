/** `labels.jsonl` of a dictionary, plain or gzipped: one JSON object a line, one line a latent. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { z } from "zod";
import { messageOf } from "../errors.ts";
import { unreadable } from "./sae-errors.ts";

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
  /** 0 abstract to 100 concrete, by a judge or by WordNet; null if nobody rated it. */
  concreteness: number | null;
  /** Whole words on which the latent fires, the largest share of its firing first. */
  topWords?: LabelWord[];
  /** How alike those words are to the model, -1 to 1: a mean cosine. */
  coherence?: number;
  /** Words that are unusually common around them. */
  about?: string[];
  /** Tokens that the decoder direction promotes and suppresses most, through the unembedding. */
  promoted?: string[];
  suppressed?: string[];
  /** Who wrote the label; absent in files of earlier versions. */
  source?: "offline" | "llm";
  /** Balanced accuracy, 0-1, with which the label told contexts where the latent fires from others. */
  detection?: number;
}

export interface LabelWord {
  word: string;
  /** Share of the latent's firing, 0-1. */
  share: number;
}

/** The name under which labels are written; a plain file by hand or of an earlier version is read, too. */
export const LABELS_FILE = "labels.jsonl.gz";
const FILE_NAMES = [LABELS_FILE, "labels.jsonl"];

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
    top_words: z.array(z.tuple([z.string(), z.number().min(0).max(1)])).optional(),
    coherence: z.number().optional(),
    about: z.array(z.string()).optional(),
    promoted: z.array(z.string()).optional(),
    suppressed: z.array(z.string()).optional(),
    source: z.enum(["offline", "llm"]).optional(),
    detection: z.number().min(0).max(1).optional(),
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
      ...(line.top_words && { topWords: line.top_words.map(([word, share]) => ({ word, share })) }),
      ...(line.coherence !== undefined && { coherence: line.coherence }),
      ...(line.about && { about: line.about }),
      ...(line.promoted && { promoted: line.promoted }),
      ...(line.suppressed && { suppressed: line.suppressed }),
      ...(line.source && { source: line.source }),
      ...(line.detection !== undefined && { detection: line.detection }),
    }),
  );

/** The labels file of a dictionary (a folder, or a file in one); null where there is none. */
export function labelsFile({ path }: { path: string }): string | null {
  const folder = folderOf({ path });
  return FILE_NAMES.map((name) => join(folder, name)).find((file) => existsSync(file)) ?? null;
}

/** The folder in which a dictionary's labels lie. */
export function folderOf({ path }: { path: string }): string {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? dirname(path) : path;
}

/** Writes the labels in their order, gzipped if the name ends in `.gz`. Numbers keep four digits, shares two places. Throws the system's error. */
export async function writeLabels({
  path,
  labels,
}: {
  path: string;
  labels: readonly Label[];
}): Promise<void> {
  const text = labels.map((label) => `${JSON.stringify(lineOf(label))}\n`).join("");
  await writeFile(path, path.endsWith(".gz") ? gzipSync(text, { level: 9 }) : text);
}

function lineOf(label: Label) {
  return {
    index: label.index,
    label: label.label,
    frequency: rounded(label.frequency),
    max_activation: rounded(label.maxActivation),
    mean_activation: rounded(label.meanActivation),
    top_tokens: label.topTokens,
    top_topics: label.topTopics,
    ...(label.concreteness !== null && { concreteness: label.concreteness }),
    ...(label.topWords && {
      top_words: label.topWords.map(({ word, share }) => [word, Number(share.toFixed(2))]),
    }),
    ...(label.coherence !== undefined && { coherence: Number(label.coherence.toFixed(2)) }),
    about: label.about,
    promoted: label.promoted,
    suppressed: label.suppressed,
    source: label.source,
    detection: label.detection,
  };
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

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
    const bytes = readFileSync(path);
    text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
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
