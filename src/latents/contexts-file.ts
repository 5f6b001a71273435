/** `contexts.jsonl.gz`: where each latent fires, one JSON object a line, one line a latent. Made by `latents label`, never shipped. */
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { z } from "zod";
import { CountersteerError, messageOf } from "../errors.ts";
import type { TextContext } from "./text-context.ts";

export const CONTEXTS_FILE = "contexts.jsonl.gz";

export interface LatentContexts {
  index: number;
  /** Strongest first. */
  top: TextContext[];
  /** A random sample of the other places, strongest first. */
  sample: TextContext[];
}

const contextSchema = z.object({
  tokens: z.array(z.string()),
  /** Index and value of each token on which it fires. */
  fires: z.array(z.tuple([z.number().int().nonnegative(), z.number()])),
  peak: z.number().int().nonnegative(),
  value: z.number(),
  position: z.number().int().nonnegative(),
  topic: z.string().nullable(),
});
const lineSchema = z.object({
  index: z.number().int().nonnegative(),
  top: z.array(contextSchema),
  sample: z.array(contextSchema),
});

type StoredContext = z.infer<typeof contextSchema>;

export async function writeContexts({
  path,
  latents,
}: {
  path: string;
  latents: Iterable<{ contexts: LatentContexts }>;
}): Promise<void> {
  function* lines() {
    for (const { contexts } of latents) {
      const { index, top, sample } = contexts;
      const line = JSON.stringify({ index, top: top.map(toStored), sample: sample.map(toStored) });
      // a reader of lines may take these for line ends
      yield `${line.replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029")}\n`;
    }
  }
  await pipeline(Readable.from(lines()), createGzip(), createWriteStream(path));
}

/** The contexts of one latent; null where the folder has no such file, or the file no such latent. Throws SAE_UNREADABLE for a damaged one. */
export async function readContexts({
  folder,
  latent,
}: {
  folder: string;
  latent: number;
}): Promise<LatentContexts | null> {
  const path = join(folder, CONTEXTS_FILE);
  if (!existsSync(path)) return null;
  const start = `{"index":${latent},`;
  const file = createReadStream(path);
  const bytes = createGunzip();
  file.pipe(bytes);
  file.once("error", (error) => bytes.destroy(error));
  try {
    for await (const line of createInterface({ input: bytes })) {
      if (!line.startsWith(start)) continue;
      const { index, top, sample } = lineSchema.parse(JSON.parse(line));
      return { index, top: top.map(fromStored), sample: sample.map(fromStored) };
    }
  } catch (cause) {
    throw new CountersteerError("SAE_UNREADABLE", {
      what: `${path} can't be read.`,
      why: `${messageOf(cause)}.`,
      todo: "Make it again with `countersteer latents label`.",
      facts: { path, latent },
      cause,
    });
  } finally {
    file.destroy();
    bytes.destroy();
  }
  return null;
}

function toStored({ activations, ...context }: TextContext): StoredContext {
  const fires = activations.flatMap((value, i): [number, number][] =>
    value > 0 ? [[i, Number(value.toPrecision(3))]] : [],
  );
  return { ...context, value: Number(context.value.toPrecision(5)), fires };
}

function fromStored({ fires, ...context }: StoredContext): TextContext {
  const activations = new Array<number>(context.tokens.length).fill(0);
  for (const [at, value] of fires) activations[at] = value;
  return { ...context, activations };
}
