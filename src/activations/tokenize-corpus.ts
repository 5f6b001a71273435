/** From files of documents to what a dictionary is trained and measured on. */
import type { Engine } from "../engine/engine.ts";
import { throwIfAborted } from "../model/aborted.ts";
import { rowsOf } from "./capture-rows.ts";
import { documentWindows, sharedPrefix, type TokenWindow } from "./document-tokens.ts";
import type { Document } from "./documents.ts";
import { isHeldOut } from "./held-out.ts";
import { readDocuments } from "./read-documents.ts";

export interface TokenizeCorpusOptions {
  engine: Engine;
  files: readonly string[];
  /** Tokens of a sequence at most. */
  context: number;
  /** Rows dropped at the start of each sequence. */
  skipFirst: number;
  /**
   * One of so many chats keeps the rows of the tokens with which every chat begins: they are the same rows each time, so a dictionary
   * need not see them in every document. 1 keeps them all, 0 none. Held-out chats keep none.
   */
  prefixEvery: number;
  /** Share of documents that are kept from training, [0, 1). */
  heldOutShare: number;
  signal?: AbortSignal | undefined;
  onDocuments?: ((done: number) => void) | undefined;
}

/** One side of a corpus. */
export interface CorpusPart {
  documents: number;
  windows: TokenWindow[];
  /** Rows that the windows keep. */
  rows: number;
}

export interface Corpus {
  train: CorpusPart;
  /** With the documents themselves, so that others can measure on them too. */
  heldOut: CorpusPart & { contents: Document[] };
}

/** Token ids of all documents, in memory: 4 bytes a token. Throws CONFIG_INVALID, TEMPLATE_INVALID, ABORTED. */
export async function tokenizeCorpus(options: TokenizeCorpusOptions): Promise<Corpus> {
  const { engine, files, context, skipFirst, prefixEvery, heldOutShare, signal, onDocuments } = options;
  const train: CorpusPart = { documents: 0, windows: [], rows: 0 };
  const heldOut: Corpus["heldOut"] = { documents: 0, windows: [], rows: 0, contents: [] };
  let prefix: number | null = null;
  let chats = 0;
  for await (const document of readDocuments({ files })) {
    throwIfAborted({ signal, what: "Tokenizing the documents" });
    const held = isHeldOut({ document, share: heldOutShare });
    let skipPrefix = 0;
    if (document.kind === "chat") {
      // only now: a base model has no template, and needs none for plain text
      prefix ??= await sharedPrefix({ engine });
      const keep = !held && prefixEvery > 0 && chats % prefixEvery === 0;
      skipPrefix = keep ? 0 : prefix;
      chats += 1;
    }
    const windows = await documentWindows({ engine, document, context, skipFirst, skipPrefix });
    const part = held ? heldOut : train;
    if (held) heldOut.contents.push(document);
    part.documents += 1;
    part.rows += windows.reduce((sum, window) => sum + rowsOf(window), 0);
    part.windows.push(...windows);
    onDocuments?.(train.documents + heldOut.documents);
  }
  return { train, heldOut };
}
