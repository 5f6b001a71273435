/** From documents to the token sequences that a model reads. */
import { chatTokens } from "../engine/chat-tokens.ts";
import type { Engine } from "../engine/engine.ts";
import { plainTokens } from "../engine/plain-tokens.ts";
import type { Document } from "./documents.ts";

/** A sequence that the model reads, and how many rows at its start are not kept. */
export interface TokenWindow {
  tokens: Int32Array;
  skip: number;
}

export interface DocumentWindowsOptions {
  engine: Engine;
  document: Document;
  /** Tokens of a sequence at most. */
  context: number;
  /** Rows dropped at the start of each sequence: the first position is an attention sink in most models. */
  skipFirst: number;
  /** Tokens with which every chat begins (`sharedPrefix`), whose rows are dropped too; 0 keeps them. */
  skipPrefix: number;
}

/**
 * The sequences of a document that keep at least one row, without overlap, the last one shorter. A chat is the question in the model's chat
 * template, then the answer, tokenized apart from each other as at generation; every sequence of a plain text begins with BOS if the model
 * wants one. Throws TEMPLATE_INVALID, PROMPT_EMPTY.
 */
export async function documentWindows(options: DocumentWindowsOptions): Promise<TokenWindow[]> {
  const { document, skipFirst, skipPrefix } = options;
  const windows = await (document.kind === "chat"
    ? chatWindows({ ...options, document })
    : textWindows({ ...options, text: document.text }));
  return windows
    .map((tokens, i) => {
      const prefix = document.kind === "chat" && i === 0 ? skipPrefix : 0;
      return { tokens, skip: Math.max(skipFirst, prefix) };
    })
    .filter(({ tokens, skip }) => tokens.length > skip);
}

async function chatWindows({
  engine,
  document,
  context,
}: {
  engine: Engine;
  document: Extract<Document, { kind: "chat" }>;
  context: number;
}): Promise<Int32Array[]> {
  const prompt = await chatTokens({ engine, messages: [{ role: "user", content: document.prompt }] });
  const response = await plainTokens({ engine, text: document.response });
  return cutWindows({ tokens: joined(prompt, response), size: context });
}

async function textWindows({
  engine,
  text,
  context,
}: {
  engine: Engine;
  text: string;
  context: number;
}): Promise<Int32Array[]> {
  const tokens = await engine.tokenize(text);
  const { addsBos, bosText } = engine.info;
  if (!addsBos) return cutWindows({ tokens, size: context });
  const bos = await engine.tokenize(bosText);
  return cutWindows({ tokens, size: context - bos.length }).map((window) => joined(bos, window));
}

/** Pieces of `size` tokens, the last one shorter; together they are the text. */
function cutWindows({ tokens, size }: { tokens: Int32Array; size: number }): Int32Array[] {
  const windows: Int32Array[] = [];
  for (let start = 0; start < tokens.length; start += size) windows.push(tokens.slice(start, start + size));
  return windows;
}

/** How many tokens all chats of a model have in common before the question begins: their rows are the same in every document. */
export async function sharedPrefix({ engine }: { engine: Engine }): Promise<number> {
  const [a, b] = await Promise.all(
    ["What?", "1 + 1 ="].map((content) => chatTokens({ engine, messages: [{ role: "user", content }] })),
  );
  const differs = a?.findIndex((token, i) => token !== b?.[i]) ?? 0;
  return Math.max(0, differs);
}

function joined(first: Int32Array, second: Int32Array): Int32Array {
  const tokens = new Int32Array(first.length + second.length);
  tokens.set(first);
  tokens.set(second, first.length);
  return tokens;
}
