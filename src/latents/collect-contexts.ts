/** Streams documents through the engine into a `ContextCollector`. */
import { documentWindows, sharedPrefix, type TokenWindow } from "../activations/document-tokens.ts";
import type { Document } from "../activations/documents.ts";
import type { Capture, Engine } from "../engine/engine.ts";
import type { Dictionary } from "../sae/dictionary.ts";
import { type CollectorOptions, ContextCollector } from "./context-collector.ts";
import { WordCounts } from "./word-counts.ts";

export interface CollectContextsOptions extends Omit<CollectorOptions, "latents"> {
  engine: Engine;
  dictionary: Dictionary;
  layer: number;
  documents: AsyncIterable<Document>;
  /** Tokens of a sequence at most. */
  context: number;
  /** The pass ends with the document that reaches it. @default no limit */
  maxTokens?: number | undefined;
  signal?: AbortSignal | undefined;
  onTokens?: ((done: number) => void) | undefined;
}

export interface CollectedContexts {
  contexts: ContextCollector;
  /** Topic of each document; null where it has none. */
  topics: (string | null)[];
  words: WordCounts;
}

interface Piece extends TokenWindow {
  document: number;
}

/** Latent values that a group of sequences may have: what is held in memory, twice. */
const GROUP_VALUES = 2 ** 24;

/** Throws what the engine and the documents throw. */
export async function collectContexts(options: CollectContextsOptions): Promise<CollectedContexts> {
  const { dictionary, onTokens } = options;
  const contexts = new ContextCollector({ ...options, latents: dictionary.latents });
  const topics: (string | null)[] = [];
  const words = new WordCounts();
  let coming: Promise<[Piece[], Capture[]]> | null = null;
  const take = async (): Promise<void> => {
    if (coming === null) return;
    const [pieces, captures] = await coming;
    captures.forEach(({ values }, i) => {
      const piece = pieces[i];
      if (piece !== undefined) contexts.add({ ...piece, values });
    });
    onTokens?.(contexts.tokens);
  };
  for await (const pieces of groupsOf({ ...options, topics, words })) {
    const next = captureAll({ ...options, pieces });
    // a failure of the next group is met when it is taken, and must not be unhandled until then
    next.catch(() => undefined);
    await take();
    coming = next;
  }
  await take();
  return { contexts, topics, words };
}

async function* groupsOf({
  engine,
  dictionary,
  documents,
  context,
  maxTokens = Number.POSITIVE_INFINITY,
  topics,
  words,
}: CollectContextsOptions & { topics: (string | null)[]; words: WordCounts }): AsyncGenerator<Piece[]> {
  const skipPrefix = await sharedPrefix({ engine });
  const limit = Math.floor(GROUP_VALUES / dictionary.latents);
  let group: Piece[] = [];
  let held = 0;
  let total = 0;
  for await (const document of documents) {
    const number = topics.push(document.topic ?? null) - 1;
    words.add(document.kind === "chat" ? `${document.prompt}\n${document.response}` : document.text);
    for (const window of await documentWindows({ engine, document, context, skipFirst: 1, skipPrefix })) {
      if (held > 0 && held + window.tokens.length > limit) {
        yield group;
        group = [];
        held = 0;
      }
      group.push({ ...window, document: number });
      held += window.tokens.length;
      total += window.tokens.length;
    }
    if (total >= maxTokens) break;
  }
  if (group.length > 0) yield group;
}

async function captureAll({
  engine,
  dictionary,
  layer,
  pieces,
  signal,
}: CollectContextsOptions & { pieces: Piece[] }): Promise<[Piece[], Capture[]]> {
  const requests = pieces.map(({ tokens }, i) => ({
    id: String(i),
    tokens,
    layer,
    what: { kind: "latents" as const, sae: dictionary.path, latents: [] },
  }));
  const captures: Capture[] = [];
  for await (const capture of engine.capture(requests, signal === undefined ? {} : { signal })) {
    captures[Number(capture.id)] = capture;
  }
  return [pieces, captures];
}
