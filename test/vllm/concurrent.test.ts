/**
 * A real server under load: 200 requests of 20 interventions at once, with prompts that are cut into chunks and answers that end early, have the
 * tokens of the in-process engine in exact mode; and a prefix that steered requests share never leaks steering.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type {
  Engine,
  Generation,
  GenerationRequest,
  Intervention,
  Positions,
} from "../../src/engine/engine.ts";
import { unitRows, writeStandard } from "../model/support/dictionaries.ts";
import { addVector, gather, openEngine, openLocalEngine, sampling } from "../model/support/engine.ts";
import { departures, expectSameGeneration } from "../model/support/same.ts";
import { CHATS, chat, LAYER, tensor } from "../model/support/truth.ts";

const D_MODEL = 576;
const TOPK = "smollm2-135m-instruct.l15.8k";
const vector = tensor("add.vector");

let folder = "";
let relu = "";
let served: Engine;
let local: Engine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersteer-concurrent-"));
  const rows = unitRows(6, D_MODEL);
  relu = await writeStandard({ folder, encoder: rows, bias: new Float32Array(6), decoder: rows });
  served = await openEngine();
  local = await openLocalEngine({ weights: "exact", workers: 2, slots: 16, contextPerSlot: 1024 });
});
afterAll(async () => {
  await served.close();
  await local.close();
  await rm(folder, { recursive: true, force: true });
});

/** Twenty, of which the first is none. */
function interventions(): (Intervention | null)[] {
  const policies: Positions[] = [
    { kind: "all" },
    { kind: "prompt" },
    { kind: "generated" },
    { kind: "range", start: 3, end: 60 },
    { kind: "until-phrase", phrases: ["the"] },
  ];
  const adds = policies.flatMap((positions) =>
    [3, 15].map((layer) => addVector({ vector, strength: 12, layer, positions })),
  );
  const clamp = (sae: string, latents: number[], value: number): Intervention => ({
    layer: LAYER,
    positions: { kind: "all" },
    edits: latents.map((latent) => ({ kind: "clamp", sae, latent, value })),
  });
  return [
    null,
    ...adds,
    clamp(relu, [0, 3], 1),
    clamp(relu, [5], 0),
    clamp(TOPK, [10, 200], 1),
    clamp(TOPK, [3, 7, 99], 0),
    {
      layer: LAYER,
      positions: { kind: "all" },
      edits: [{ kind: "replace", by: { kind: "reconstruction", sae: TOPK } }],
    },
    {
      layer: LAYER,
      positions: { kind: "generated" },
      edits: [{ kind: "replace", by: { kind: "reconstruction", sae: TOPK } }],
    },
    {
      layer: LAYER,
      positions: { kind: "all" },
      edits: [
        { kind: "add", direction: { sae: TOPK, latent: 11 }, strength: 8 },
        { kind: "clamp", sae: TOPK, latent: 11, value: 0 },
        { kind: "clamp", sae: relu, latent: 1, value: 0.5 },
      ],
    },
    addVector({ vector, strength: -12, layer: 29 }),
    {
      layer: 0,
      positions: { kind: "all" },
      edits: [{ kind: "add", direction: { sae: relu, latent: 2 }, strength: 4 }],
    },
  ];
}

/** Of several lengths, one longer than a batch of the server. */
function prompts(): Int32Array[] {
  const chats = CHATS.map((_, i) => chat(i));
  const long = Int32Array.from([...chats, ...chats, ...chats].flatMap((tokens) => [...tokens]).slice(0, 400));
  return [...chats.slice(0, 4), long];
}

function requests(): GenerationRequest[] {
  return prompts().flatMap((tokens, p) =>
    [8, 24].flatMap((maxTokens) =>
      interventions().map((intervention, i) => ({
        id: `prompt ${p}, ${maxTokens} tokens, intervention ${i}`,
        tokens,
        sampling: sampling({ maxTokens, stop: i % 4 === 1 ? ["\n\n"] : [] }),
        ...(intervention === null ? {} : { intervention }),
      })),
    ),
  );
}

/** The same order in every run, and no order of the requests' own. */
function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item, i) => ({ item, key: Math.sin(i * 12.9898) * 43_758.5453 }))
    .map(({ item, key }) => ({ item, key: key - Math.floor(key) }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

test("200 requests of 20 interventions at once have the tokens of the in-process engine in exact mode", async () => {
  const all = requests();
  expect(all.length).toBe(200);
  const [found, wanted] = await Promise.all([
    gather(served.generate(shuffled(all))),
    gather(local.generate(all)),
  ]);
  expect(found.size).toBe(200);
  const texts = new Set([...wanted.values()].map(({ text }) => text));
  expect(texts.size).toBeGreaterThan(60);
  for (const request of all) {
    const { id } = request;
    await expectSameGeneration({ engine: local, request, found: found.get(id), wanted: wanted.get(id) });
  }
  const tokens = [...wanted.values()].reduce((sum, each) => sum + each.tokens.length, 0);
  console.log(`200 requests, ${tokens} tokens; parted at a near tie: ${departures.join("; ") || "none"}`);
  expect(departures.length).toBeLessThan(10);
});

test("a prefix of 160 tokens that steered and plain requests share never leaks steering", async () => {
  const shared = Int32Array.from(
    Array.from({ length: 5 }, (_, i) => [...chat(i)])
      .flat()
      .slice(0, 160),
  );
  const ending = (i: number) => Int32Array.from([...shared, ...chat(0).slice(-(5 + i))]);
  const make = (steered: boolean, i: number): GenerationRequest => ({
    id: `${steered ? "steered" : "plain"} ${i}`,
    tokens: ending(i),
    sampling: sampling({ maxTokens: 10 }),
    ...(steered ? { intervention: addVector({ vector, strength: 15 + i, layer: 3 }) } : {}),
  });
  const all = Array.from({ length: 6 }, (_, i) => [make(true, i), make(false, i)]).flat();
  const wanted = await gather(local.generate(all));
  const parted = departures.length;
  for (const order of [all, all.toReversed(), shuffled(all)]) {
    const found = new Map<string, Generation>();
    // one by one at first, so that each finds what the ones before it left in the cache; then at once
    for (const request of order.slice(0, 4)) {
      for (const [id, each] of await gather(served.generate([request]))) found.set(id, each);
    }
    for (const [id, each] of await gather(served.generate(order.slice(4)))) found.set(id, each);
    for (const request of all) {
      const { id } = request;
      await expectSameGeneration({ engine: local, request, found: found.get(id), wanted: wanted.get(id) });
    }
  }
  expect(departures.length - parted).toBeLessThan(4);
});
