/**
 * Rows for training come from the model as it is, once each, and a stream that is opened again goes on with exactly the next rows, also in
 * another engine with other slots and processes.
 */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openActivationStream } from "../../src/activations/activation-stream.ts";
import { rowsOf } from "../../src/activations/capture-rows.ts";
import { documentWindows, sharedPrefix } from "../../src/activations/document-tokens.ts";
import { type Corpus, tokenizeCorpus } from "../../src/activations/tokenize-corpus.ts";
import { chatTokens } from "../../src/engine/chat-tokens.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { captureOne, openEngine } from "./support/engine.ts";
import { norm, rowOf } from "./support/numbers.ts";

const LAYER = 3;
const CONTEXT = 24;
const PROMPT = "What is a lighthouse?";

let folder: TemporaryFolder;
let engine: Engine;
let corpus: Corpus;

function documents(): string {
  const texts = Array.from(
    { length: 30 },
    (_, i) => `Text ${i}: ${"the ship sails on. ".repeat(1 + (i % 9))}`,
  );
  const chats = Array.from({ length: 6 }, (_, i) => `A lighthouse has ${i} lamps.`);
  return [
    ...texts.map((text) => JSON.stringify({ kind: "text", text })),
    ...chats.map((response) => JSON.stringify({ kind: "chat", prompt: PROMPT, response })),
  ].join("\n");
}

function keyOf(row: Float32Array): string {
  return Buffer.from(row.buffer, row.byteOffset, row.byteLength).toString("base64");
}

function keysOf(rows: Float32Array): string[] {
  const { dModel } = engine.info;
  return Array.from({ length: rows.length / dModel }, (_, row) => keyOf(rowOf(rows, row, dModel)));
}

beforeAll(async () => {
  folder = await temporaryFolder();
  const file = path.join(folder.path, "corpus.jsonl");
  await writeFile(file, documents());
  engine = await openEngine({ contextPerSlot: CONTEXT * 4 });
  corpus = await tokenizeCorpus({
    engine,
    files: [file],
    context: CONTEXT,
    skipFirst: 1,
    prefixEvery: 2,
    heldOutShare: 0.2,
  });
});

afterAll(async () => {
  await engine.close();
  await folder[Symbol.asyncDispose]();
});

test("documents are the model's tokens: a chat as at generation, no BOS before text where the model wants none", async () => {
  const context = 1000;
  const common = { engine, context, skipFirst: 0, skipPrefix: 0 };
  const response = "\nIt guides ships.";
  const [chat] = await documentWindows({ ...common, document: { kind: "chat", prompt: PROMPT, response } });
  const prompt = await chatTokens({ engine, messages: [{ role: "user", content: PROMPT }] });
  expect([...(chat?.tokens ?? [])]).toEqual([...prompt, ...(await engine.tokenize(response))]);
  const [text] = await documentWindows({ ...common, document: { kind: "text", text: "A ship." } });
  expect([...(text?.tokens ?? [])]).toEqual([...(await engine.tokenize("A ship."))]);
});

test("every chat begins with the shared prefix, and the question follows", async () => {
  const prefix = await sharedPrefix({ engine });
  const tokens = await chatTokens({ engine, messages: [{ role: "user", content: PROMPT }] });
  expect(await engine.detokenize(tokens.subarray(prefix))).toMatch(/^What is a lighthouse\?/);
});

test("windows are no longer than the context, keep a row, and the two sides of the corpus share no document", () => {
  const { train, heldOut } = corpus;
  expect(train.documents + heldOut.documents).toBe(36);
  expect(heldOut.documents).toBeGreaterThan(0);
  for (const { windows, rows } of [train, heldOut]) {
    expect(windows.reduce((sum, window) => sum + rowsOf(window), 0)).toBe(rows);
    for (const { tokens, skip } of windows) {
      expect(tokens.length).toBeLessThanOrEqual(CONTEXT);
      expect(tokens.length).toBeGreaterThan(skip);
    }
  }
});

test("an epoch of the stream is the captured rows of the training documents, each once, without the first positions", async () => {
  const { windows, rows } = corpus.train;
  const expected: string[] = [];
  for (const { tokens, skip } of windows) {
    const values = await captureOne(engine, { tokens, layer: LAYER, what: { kind: "rows" } });
    expected.push(...keysOf(values).slice(skip));
  }
  const source = openActivationStream({ engine, windows, layer: LAYER, blockRows: 300, seed: 1 });
  const epoch = keysOf(await source.next({ max: rows }));
  expect(epoch.toSorted()).toEqual(expected.toSorted());
  expect(source.position()).toEqual({ epoch: 1, block: 0, taken: 0 });
  await source.close();
});

test("opened at a position in another engine, a stream gives bit for bit the rows that were to follow", async () => {
  const { windows, rows } = corpus.train;
  const options = { windows, layer: LAYER, blockRows: 300, seed: 1, maxNormRatio: 3 };
  const source = openActivationStream({ engine, ...options });
  await source.next({ max: Math.floor(rows * 0.7) });
  const position = source.position();
  const following = keysOf(await source.next({ max: rows }));
  await source.close();
  const other = await openEngine({ contextPerSlot: CONTEXT * 4, workers: 2, slots: 3 });
  try {
    const resumed = openActivationStream({ engine: other, ...options, position });
    expect(keysOf(await resumed.next({ max: rows }))).toEqual(following);
    await resumed.close();
  } finally {
    await other.close();
  }
});

test("the first position is an attention sink, which is what skipping it is for", async () => {
  const { dModel } = engine.info;
  const tokens = await engine.tokenize("The ship sails on past the lighthouse.");
  const values = await captureOne(engine, { tokens, layer: 15, what: { kind: "rows" } });
  const norms = Array.from({ length: tokens.length }, (_, row) => norm(rowOf(values, row, dModel)));
  const [first = 0, ...others] = norms;
  expect(first).toBeGreaterThan(5 * Math.max(...others));
});
