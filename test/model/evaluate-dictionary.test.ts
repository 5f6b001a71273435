/** An evaluation measures the rows that the model has, and a dictionary that loses nothing is told from one that does. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Document } from "../../src/activations/documents.ts";
import {
  type EvaluationWithLatents,
  evaluateDictionaries,
} from "../../src/activations/evaluate-dictionary.ts";
import { chatTokens } from "../../src/engine/chat-tokens.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { Dictionary } from "../../src/sae/dictionary.ts";
import { decodeRows, encodeRows } from "../../src/sae/encode.ts";
import { openDictionary } from "../../src/sae/open-dictionary.ts";
import { writePerfect } from "./support/dictionaries.ts";
import { captureOne, openEngine, scoreOne } from "./support/engine.ts";
import { at } from "./support/numbers.ts";
import { LAYER } from "./support/truth.ts";

const D_MODEL = 576;
const DOCUMENTS: Document[] = [
  { kind: "chat", prompt: "What is tea?", response: "Tea is a drink made of leaves and hot water." },
  { kind: "text", text: "The train left the station at noon, and nobody waved to it as it went." },
  { kind: "chat", prompt: "Name a colour.", response: "Blue is the colour of the sky on a clear day." },
  {
    kind: "chat",
    prompt: "Why do birds sing?",
    response: "They sing to find a mate and to keep others away.",
  },
];
let folder = "";
let engine: Engine;
let topk: Dictionary;
let perfect: Dictionary;
let result: EvaluationWithLatents;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersteer-evaluate-"));
  topk = openDictionary({ path: "smollm2-135m-instruct.l15.8k" });
  perfect = openDictionary({
    path: await writePerfect({ folder: join(folder, "perfect"), size: D_MODEL }),
  });
  engine = await openEngine({ weights: "fast", slots: 2, contextPerSlot: 256 });
  result = await evaluateDictionaries({
    engine,
    documents: DOCUMENTS,
    dictionaries: [topk, perfect],
    layer: LAYER,
    lossDocuments: 3,
    skipPrefix: false,
  });
});
afterAll(async () => {
  await engine.close();
  topk.close();
  perfect.close();
  await rm(folder, { recursive: true, force: true });
});

async function tokensOf(document: Document): Promise<{ tokens: Int32Array; question: number }> {
  if (document.kind === "text") return { tokens: await engine.tokenize(document.text), question: 2 };
  const prompt = await chatTokens({ engine, messages: [{ role: "user", content: document.prompt }] });
  const answer = await engine.tokenize(document.response);
  return { tokens: Int32Array.from([...prompt, ...answer]), question: prompt.length };
}

/** Rows of all documents but the first of each, one document after the other. */
async function measuredRows(): Promise<Float32Array> {
  const parts: number[] = [];
  for (const document of DOCUMENTS) {
    const { tokens } = await tokensOf(document);
    const rows = await captureOne(engine, { tokens, layer: LAYER, what: { kind: "rows" } });
    parts.push(...rows.subarray(D_MODEL));
  }
  return Float32Array.from(parts);
}

function of(index: number) {
  const found = result.dictionaries[index];
  if (found === undefined) throw new RangeError(`no dictionary ${index}`);
  return found;
}

it("explained variance, error and L0 are those of the captured rows, the first of each sequence left out", async () => {
  const rows = await measuredRows();
  const acts = encodeRows({ dictionary: topk, rows });
  const reconstructed = decodeRows({ dictionary: topk, acts });
  const count = rows.length / D_MODEL;
  const mean = new Float64Array(D_MODEL);
  rows.forEach((value, i) => {
    mean[i % D_MODEL] = at(mean, i % D_MODEL) + value / count;
  });
  const error = rows.reduce((sum, value, i) => sum + (value - at(reconstructed, i)) ** 2, 0);
  const variation = rows.reduce((sum, value, i) => sum + (value - at(mean, i % D_MODEL)) ** 2, 0);
  const evaluation = of(0);
  expect(result).toMatchObject({ rows: count, documents: 4, excluded: { first: 1, chatPrefix: 0 } });
  expect(evaluation.explainedVariance.estimate).toBeCloseTo(1 - error / variation, 4);
  expect(evaluation.reconstruction.meanSquaredError / (error / rows.length)).toBeCloseTo(1, 4);
  expect(evaluation.latents.l0.mean).toBeCloseTo(acts.filter((value) => value > 0).length / count, 1);
  expect(evaluation.explainedVariance.clusters).toBe(4);
});

it("a perfect dictionary explains everything and recovers the whole loss; the shipped one most of it", () => {
  expect(of(1).explainedVariance.estimate).toBeCloseTo(1, 6);
  expect(of(1).reconstruction.relativeNorm).toBeCloseTo(1, 6);
  expect(of(1).crossEntropy?.recovered.estimate).toBeCloseTo(1, 4);
  expect(of(1).crossEntropy?.increase.estimate).toBeCloseTo(0, 4);
  expect(of(0).explainedVariance.estimate).toBeGreaterThan(0.5);
  expect(of(0).explainedVariance.estimate).toBeLessThan(0.99);
  expect(of(0).crossEntropy?.recovered.estimate).toBeGreaterThan(0.5);
  expect(of(0).crossEntropy?.recovered.estimate).toBeLessThan(1);
  expect(of(0).difference).toBeNull();
  const gain = at([of(1).difference?.explainedVariance.estimate ?? Number.NaN], 0);
  expect(gain).toBeCloseTo(1 - (of(0).explainedVariance.estimate ?? Number.NaN), 6);
});

it("the loss is that of the answers' tokens, and of all but the first two of a plain text", async () => {
  let loss = 0;
  let count = 0;
  for (const document of DOCUMENTS.slice(0, 3)) {
    const { tokens, question } = await tokensOf(document);
    const logProbs = await scoreOne(engine, { tokens, from: question });
    loss -= logProbs.reduce((sum, value) => sum + value, 0);
    count += logProbs.length;
  }
  expect(result.crossEntropy).toMatchObject({ documents: 3, tokens: count });
  expect(result.crossEntropy?.original.estimate).toBeCloseTo(loss / count, 5);
  const zeros = result.crossEntropy?.zeroAblated.estimate ?? Number.NaN;
  expect(zeros - loss / count).toBeGreaterThan(3);
});

it("every latent of every dictionary has its line", () => {
  expect(result.latents.map((uses) => uses.length)).toEqual([topk.latents, perfect.latents]);
  const active = result.latents.map((uses) => uses.reduce((sum, { frequency }) => sum + frequency, 0));
  active.forEach((sum, i) => {
    expect(sum).toBeCloseTo(of(i).latents.l0.mean, 6);
  });
});

it("a document longer than the context is cut, and each piece leaves out its own first row", async () => {
  const context = 16;
  const document = DOCUMENTS[0];
  if (document === undefined) throw new RangeError("no document");
  const { tokens, question } = await tokensOf(document);
  const pieces = Math.ceil(tokens.length / context);
  expect(pieces).toBeGreaterThan(2);
  const cut = await evaluateDictionaries({
    engine,
    documents: [document],
    dictionaries: [perfect],
    layer: LAYER,
    context,
    skipPrefix: false,
  });
  expect(cut.rows).toBe(tokens.length - pieces);
  // a piece's second token is the first whose predictor is measured
  const scored = [...tokens.keys()].filter((at) => at >= question && at % context > 1);
  expect(cut.crossEntropy?.tokens).toBe(scored.length);
});

describe("what is left out", () => {
  const evaluate = (options: { skipFirst?: number; skipPrefix?: boolean }, documents = DOCUMENTS) =>
    evaluateDictionaries({
      engine,
      documents,
      dictionaries: [perfect],
      layer: LAYER,
      lossDocuments: 0,
      ...options,
    });

  it("is counted, and can be nothing", async () => {
    const all = await evaluate({ skipFirst: 0, skipPrefix: false });
    expect(all.rows).toBe(result.rows + DOCUMENTS.length);
    expect(all.crossEntropy).toBeNull();
    const prefixed = await evaluate({});
    const { chatPrefix } = prefixed.excluded;
    expect(chatPrefix).toBeGreaterThan(1);
    // three of the documents are chats
    expect(all.rows - prefixed.rows).toBe(3 * chatPrefix + 1);
  });

  it("must leave something", async () => {
    const short: Document[] = [{ kind: "text", text: "Tea" }];
    await expect(evaluate({ skipFirst: 50 }, short)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });
});
