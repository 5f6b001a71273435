/** DESIGN.md 4, invariant 4: what a request gives does not depend on its company, on order, on slots, on workers or on chunking. Bitwise in this process. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type {
  Capture,
  CaptureRequest,
  Engine,
  Generation,
  GenerationRequest,
  Intervention,
  Positions,
  Replacement,
  ScoreRequest,
  TokenScores,
} from "../../../src/engine/engine.ts";
import type { LlamaEngineOptions } from "../../../src/engine/llama/engine.ts";
import { shippedAdapters } from "../../../src/finetune/adapter/shipped-adapters.ts";
import { unitRows, writeStandard } from "../support/dictionaries.ts";
import { addVector, gather, openEngine, openLocalEngine, SERVED, sampling } from "../support/engine.ts";
import { expectSameCapture, expectSameGeneration, expectSameScores } from "../support/same.ts";
import { chat, LAYER, tensor } from "../support/truth.ts";

const D_MODEL = 576;
const TOPK = "smollm2-135m-instruct.l15.8k";
const vector = tensor("add.vector");
let folder = "";
let relu = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersteer-together-"));
  const rows = unitRows(6, D_MODEL);
  relu = await writeStandard({ folder, encoder: rows, bias: new Float32Array(6), decoder: rows });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** More tokens than one decode call takes, so that the prompt is fed in chunks. */
const long = Int32Array.from(Array.from({ length: 3 }, () => [0, 1, 2].flatMap((i) => [...chat(i)])).flat());

function clamps(sae: string, latents: number[], layer = LAYER): Intervention {
  return {
    layer,
    positions: { kind: "all" },
    edits: latents.map((latent) => ({ kind: "clamp", sae, latent, value: 1 })),
  };
}

function replace(by: Replacement, positions: Positions = { kind: "all" }): Intervention {
  return { layer: LAYER, positions, edits: [{ kind: "replace", by }] };
}

function generations(): GenerationRequest[] {
  const add = addVector({ vector, strength: 25 });
  const last = addVector({ vector, strength: 10, layer: 29 });
  const generated = addVector({ vector, strength: 25, positions: { kind: "generated" } });
  const warm = { temperature: 0.9, topP: 0.95, repetitionPenalty: 1.1 };
  const one = chat(0).slice(0, 1);
  return [
    { id: "greedy", tokens: chat(0), sampling: sampling() },
    { id: "greedy, the same prompt steered", tokens: chat(0), sampling: sampling(), intervention: add },
    { id: "sampled", tokens: chat(1), sampling: sampling({ ...warm, seed: 5 }) },
    { id: "another seed", tokens: chat(1), sampling: sampling({ ...warm, seed: 6 }) },
    {
      id: "sampled and steered",
      tokens: chat(2),
      sampling: sampling({ ...warm, seed: 5 }),
      intervention: add,
    },
    { id: "ends at once", tokens: chat(2), sampling: sampling({ maxTokens: 1 }) },
    { id: "ends early", tokens: chat(3), sampling: sampling({ ...warm, maxTokens: 4 }), intervention: last },
    { id: "stops at a string", tokens: chat(0), sampling: sampling({ maxTokens: 20, stop: ["omelette"] }) },
    {
      id: "only generated rows",
      tokens: chat(4),
      sampling: sampling({ ...warm, minP: 0.05 }),
      intervention: generated,
    },
    { id: "relu clamps", tokens: chat(1), sampling: sampling(), intervention: clamps(relu, [0, 3]) },
    { id: "topk clamps", tokens: chat(2), sampling: sampling(warm), intervention: clamps(TOPK, [10, 200]) },
    {
      id: "recorded",
      tokens: chat(3),
      sampling: sampling(),
      record: { layer: LAYER, sae: TOPK, latents: [0, 7, 99] },
    },
    { id: "last layer", tokens: chat(4), sampling: sampling(), intervention: clamps(relu, [1], 29) },
    {
      id: "spliced",
      tokens: chat(1),
      sampling: sampling(warm),
      intervention: replace({ kind: "reconstruction", sae: TOPK }),
    },
    {
      id: "the answer spliced",
      tokens: chat(3),
      sampling: sampling(),
      intervention: replace({ kind: "reconstruction", sae: TOPK }, { kind: "generated" }),
    },
    { id: "long", tokens: long, sampling: sampling({ ...warm, maxTokens: 6 }) },
    {
      id: "long and steered",
      tokens: long.slice(2),
      sampling: sampling({ maxTokens: 6 }),
      intervention: add,
    },
    { id: "long, with another seed", tokens: long, sampling: sampling({ ...warm, seed: 8, maxTokens: 6 }) },
    // equal prompts under equal interventions are computed once where they meet; the first in either order is done while the others go on
    ...[1, 24, 1].map((maxTokens, i) => ({
      id: `one of several on a prompt, ${i}`,
      tokens: chat(2),
      sampling: sampling({ ...warm, seed: 30 + i, maxTokens }),
      intervention: clamps(TOPK, [11, 300]),
      record: { layer: LAYER, sae: TOPK, latents: [11, 5] },
    })),
    ...[3, 4].map((seed) => ({
      id: `one of several spliced, ${seed}`,
      tokens: chat(4),
      sampling: sampling({ ...warm, seed }),
      intervention: replace({ kind: "reconstruction", sae: TOPK }),
    })),
    { id: "one token", tokens: one, sampling: sampling() },
    { id: "one token, again", tokens: one, sampling: sampling({ ...warm, seed: 9 }) },
    { id: "one token, steered", tokens: one, sampling: sampling(warm), intervention: add },
  ];
}

function scores(): ScoreRequest[] {
  const tokens = chat(0);
  const add = addVector({ vector, strength: 25 });
  return [
    { id: "all", tokens, from: 1 },
    { id: "a shared prefix", tokens: Int32Array.from([...tokens.slice(0, 30), 7, 8, 9, 10]), from: 31 },
    { id: "only the last token", tokens, from: tokens.length - 1 },
    { id: "steered", tokens, from: 5, intervention: add },
    { id: "only the last token, steered", tokens, from: tokens.length - 1, intervention: add },
    {
      id: "spliced",
      tokens,
      from: 2,
      intervention: replace({ kind: "reconstruction", sae: TOPK }, { kind: "range", start: 1, end: 999 }),
    },
    { id: "zeros", tokens, from: 9, intervention: replace({ kind: "zero" }) },
    {
      id: "long, spliced",
      tokens: long,
      from: 5,
      intervention: replace({ kind: "reconstruction", sae: TOPK }),
    },
    { id: "two tokens", tokens: tokens.slice(0, 2), from: 1 },
    { id: "long", tokens: long, from: 300 },
    { id: "long, only the last token", tokens: long, from: long.length - 1 },
  ];
}

function captures(): CaptureRequest[] {
  const add = addVector({ vector, strength: 25, layer: 3 });
  return [
    { id: "rows", tokens: chat(0), layer: LAYER, what: { kind: "rows" } },
    { id: "steered rows", tokens: chat(1), layer: 29, what: { kind: "rows" }, intervention: add },
    { id: "latents", tokens: chat(2), layer: LAYER, what: { kind: "latents", sae: TOPK, latents: [3, 4] } },
    {
      id: "spliced rows",
      tokens: chat(4),
      layer: LAYER,
      what: { kind: "rows" },
      intervention: replace({ kind: "reconstruction", sae: TOPK }),
    },
    { id: "one row", tokens: chat(2).slice(0, 1), layer: LAYER, what: { kind: "rows" } },
  ];
}

interface Results {
  generations: Map<string, Generation>;
  scores: Map<string, TokenScores>;
  captures: Map<string, Capture>;
}

async function alone(engine: Engine): Promise<Results> {
  const results: Results = { generations: new Map(), scores: new Map(), captures: new Map() };
  for (const request of generations()) {
    for (const [id, value] of await gather(engine.generate([request]))) results.generations.set(id, value);
  }
  for (const request of scores()) {
    for (const [id, value] of await gather(engine.score([request]))) results.scores.set(id, value);
  }
  for (const request of captures()) {
    for (const [id, value] of await gather(engine.capture([request]))) results.captures.set(id, value);
  }
  return results;
}

async function together(engine: Engine, order: <T>(requests: T[]) => T[]): Promise<Results> {
  const [generated, scored, captured] = await Promise.all([
    gather(engine.generate(order(generations()))),
    gather(engine.score(order(scores()))),
    gather(engine.capture(order(captures()))),
  ]);
  return { generations: generated, scores: scored, captures: captured };
}

/** `toEqual` on typed arrays compares bits, apart from the payload of a NaN. */
async function expectEqual(engine: Engine, found: Results, wanted: Results): Promise<void> {
  expect(found.generations.size).toBe(generations().length);
  for (const request of generations()) {
    const { id } = request;
    const [mine, theirs] = [found.generations.get(id), wanted.generations.get(id)];
    await expectSameGeneration({ engine, request, found: mine, wanted: theirs });
  }
  for (const [id, value] of wanted.scores) expectSameScores(found.scores.get(id), value, `score ${id}`);
  for (const [id, value] of wanted.captures)
    expectSameCapture(found.captures.get(id), value, `capture ${id}`);
}

interface Kind {
  name: string;
  options: Pick<LlamaEngineOptions, "weights" | "fastType">;
  sizes: { slots: number; workers: number }[];
}

/** Float weights are slow, so they get fewer sizes. */
const local: Kind[] = [
  {
    name: "q4_0",
    options: { weights: "fast", fastType: "q4_0" },
    sizes: [
      { slots: 32, workers: 1 },
      { slots: 3, workers: 2 },
      { slots: 1, workers: 1 },
    ],
  },
  {
    name: "bf16",
    options: { weights: "fast", fastType: "bf16" },
    sizes: [
      { slots: 32, workers: 2 },
      { slots: 1, workers: 1 },
    ],
  },
  { name: "exact", options: { weights: "exact" }, sizes: [{ slots: 5, workers: 2 }] },
];

/** A server's own size is what it was started with. */
const kinds: Kind[] =
  SERVED === null ? local : [{ name: "served", options: {}, sizes: [{ slots: 0, workers: 0 }] }];

describe.each(kinds)("alone or together, the same bits ($name)", ({ options, sizes }) => {
  let few: Engine;
  let wanted: Results;
  beforeAll(async () => {
    few = await openEngine({ ...options, slots: 4 });
    wanted = await alone(few);
  });
  afterAll(() => few.close());

  it("the requests differ from one another, so that equality means something", () => {
    const texts = new Set([...wanted.generations.values()].map(({ text }) => text));
    expect(texts.size).toBeGreaterThan(12);
  });

  it("a token's score does not depend on which other scores are asked for", () => {
    const last = (id: string) => wanted.scores.get(id)?.logProbs.slice(-1);
    const pairs = [
      ["only the last token", "all"],
      ["only the last token, steered", "steered"],
      ["long, only the last token", "long"],
    ] as const;
    for (const [one, whole] of pairs) {
      const scores = (id: string) => ({
        id: "last",
        logProbs: last(id) ?? new Float32Array(0),
        receipt: null,
      });
      expectSameScores(scores(one), scores(whole), one);
    }
  });

  it("all at once on 4 slots, scoring and capture mixed in", async () => {
    await expectEqual(few, await together(few, (requests) => requests), wanted);
  });

  it.each(sizes)("in the opposite order on $slots slots and $workers workers", async (size) => {
    const engine = await openEngine({ ...options, ...size });
    try {
      await expectEqual(engine, await together(engine, (requests) => requests.toReversed()), wanted);
    } finally {
      await engine.close();
    }
  });
});

// an adapter's factors are float whatever the weights are, so their products depend on company where the weights' do not
describe.runIf(SERVED === null).each([{ weights: "fast", fastType: "q4_0" }, { weights: "exact" }] as const)(
  "alone or together, the same bits with an adapter ($weights)",
  (options) => {
    const adapter = shippedAdapters().get("smollm2-135m-instruct.self-correct") ?? "";

    it("generations, scores and captures", async () => {
      const engine = await openLocalEngine({ ...options, slots: 8 });
      try {
        const requests = {
          generations: generations().map((request) => ({ ...request, adapter })),
          scores: scores().map((request) => ({ ...request, adapter })),
          captures: captures().map((request) => ({ ...request, adapter })),
        };
        const [generated, scored, captured] = await Promise.all([
          gather(engine.generate(requests.generations)),
          gather(engine.score(requests.scores)),
          gather(engine.capture(requests.captures)),
        ]);
        for (const request of requests.generations) {
          const alone = (await gather(engine.generate([request]))).get(request.id);
          await expectSameGeneration({ engine, request, found: generated.get(request.id), wanted: alone });
        }
        for (const request of requests.scores) {
          const alone = (await gather(engine.score([request]))).get(request.id);
          if (alone === undefined) throw new Error(`no scores of ${request.id}`);
          expectSameScores(scored.get(request.id), alone, `score ${request.id}`);
        }
        for (const request of requests.captures) {
          const alone = (await gather(engine.capture([request]))).get(request.id);
          if (alone === undefined) throw new Error(`no capture of ${request.id}`);
          expectSameCapture(captured.get(request.id), alone, `capture ${request.id}`);
        }
      } finally {
        await engine.close();
      }
    });
  },
);
