/**
 * A corpus of the model's own answers about topics, so that an SAE learns the text on which it will be used.
 * The file grows by whole lines as answers finish; a run that was cut off goes on where it stopped, and the finished file is in the
 * order of the asks, the same whatever the interruptions.
 */
import { existsSync } from "node:fs";
import { appendFile, type FileHandle, open, rename, stat, truncate, writeFile } from "node:fs/promises";
import { chatTokens } from "../engine/chat-tokens.ts";
import { type Engine, GREEDY, type Sampling } from "../engine/engine.ts";
import { CountersteerError, messageOf } from "../errors.ts";
import type { Ask } from "./ask-about.ts";
import { type ChatDocument, documentSchema } from "./documents.ts";
import { textLines } from "./text-lines.ts";

export interface AnswerProgress {
  done: number;
  total: number;
  /** Tokens generated in this call. */
  tokens: number;
}

export interface GenerateAnswersOptions {
  engine: Engine;
  asks: readonly Ask[];
  /** The JSONL file; an existing one is completed. */
  file: string;
  /** @default temperature 0.6, repetition penalty 1.1, 200 tokens */
  sampling?: Partial<Omit<Sampling, "seed">>;
  seed: number;
  signal?: AbortSignal;
  onProgress?: (progress: AnswerProgress) => void;
}

/** Asks that are in the engine at once: enough to fill every slot of every worker. */
const WINDOW = 2048;
/** Keeps the answers' random streams apart from one another. */
const SEED_STEP = 2_654_435_761;

/** Writes one chat document for each ask. Throws CONFIG_INVALID if the file is of other asks, and what the engine throws. */
export async function generateAnswers(options: GenerateAnswersOptions): Promise<ChatDocument[]> {
  const { engine, asks, file, seed, signal, onProgress } = options;
  const sampling: Omit<Sampling, "seed"> = {
    ...GREEDY,
    temperature: 0.6,
    repetitionPenalty: 1.1,
    maxTokens: 200,
    ...options.sampling,
  };
  const done = await readDone({ file, asks });
  const missing = asks.filter(({ index }) => !done.has(index));
  let tokens = 0;
  const handle = await open(file, "a");
  try {
    for (let start = 0; start < missing.length; start += WINDOW) {
      const batch = missing.slice(start, start + WINDOW);
      const requests = await Promise.all(
        batch.map(async ({ index, prompt }) => ({
          id: String(index),
          tokens: await chatTokens({ engine, messages: [{ role: "user", content: prompt }] }),
          sampling: { ...sampling, seed: seed + index * SEED_STEP },
        })),
      );
      for await (const generation of engine.generate(requests, signal === undefined ? {} : { signal })) {
        const ask = asks[Number(generation.id)];
        if (ask === undefined) continue;
        const document: ChatDocument = { kind: "chat", ...ask, response: generation.text };
        await append({ handle, file, document });
        done.set(ask.index, document);
        tokens += generation.tokens.length;
        onProgress?.({ done: done.size, total: asks.length, tokens });
      }
    }
  } finally {
    await handle.close();
  }
  const documents = [...done.values()].toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0));
  await writeFile(`${file}.part`, documents.map((document) => `${JSON.stringify(document)}\n`).join(""));
  await rename(`${file}.part`, file);
  return documents;
}

async function append({
  handle,
  file,
  document,
}: {
  handle: FileHandle;
  file: string;
  document: ChatDocument;
}): Promise<void> {
  try {
    await handle.appendFile(`${JSON.stringify(document)}\n`);
  } catch (cause) {
    throw new CountersteerError("DISK_FULL", {
      what: `${file} could not be written.`,
      why: `${messageOf(cause)}.`,
      todo: "Free some space and run again: the answers so far are kept.",
      facts: { file },
      cause,
    });
  }
}

/** The answers that a file already holds. A last line that was being written is cut off, or gets the line break that it lacks. */
async function readDone({
  file,
  asks,
}: {
  file: string;
  asks: readonly Ask[];
}): Promise<Map<number, ChatDocument>> {
  const done = new Map<number, ChatDocument>();
  if (!existsSync(file)) return done;
  let bytes = 0;
  let line = 0;
  for await (const text of textLines({ file, strict: false })) {
    line += 1;
    const document = parse(text);
    if (document === null) {
      await truncate(file, bytes);
      break;
    }
    const { index } = document;
    const ask = index === undefined ? undefined : asks[index];
    if (ask === undefined || ask.prompt !== document.prompt) {
      throw new CountersteerError("CONFIG_INVALID", {
        what: `${file} holds answers to other questions.`,
        why: `Line ${line} answers "${document.prompt}", which is not question ${index ?? "?"} of these topics.`,
        todo: "Give another file name, or the topics and rounds with which the file was begun.",
        facts: { file, line, prompt: document.prompt },
      });
    }
    done.set(ask.index, document);
    bytes += Buffer.byteLength(text) + 1;
  }
  if ((await stat(file)).size < bytes) await appendFile(file, "\n");
  return done;
}

function parse(text: string): ChatDocument | null {
  try {
    const json: unknown = JSON.parse(text);
    const document = documentSchema.parse(json);
    return document.kind === "chat" ? document : null;
  } catch {
    return null;
  }
}
