/** DESIGN.md 4, invariant 2: `h' - h = s d_k` on every row that the policy names, and the whole model then computes what PyTorch does. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Edit, Engine, Intervention, Positions } from "../../../src/engine/engine.ts";
import { writeStandard } from "../support/dictionaries.ts";
import {
  addVector,
  captureOne,
  gather,
  generateOne,
  openEngine,
  sampling,
  scoreOne,
} from "../support/engine.ts";
import { at, logSoftmax, maxDifference, relativeError, rowOf, topIndexes } from "../support/numbers.ts";
import { ADDITION, additionError } from "../support/same.ts";
import { ADD_SCALE, CASES, CHATS, chat, LAYER, tensor } from "../support/truth.ts";

const D_MODEL = 576;
/** Float32 rounding through 30 blocks, as a difference of log-probabilities. */
const LOG_PROB = 1e-3;
/** The probe's bias: its reading `w . h + bias` is then never rectified. */
const PROBE_BIAS = 2 ** 12;
const STRENGTH = 20;

const vector = tensor("add.vector");
let folder = "";
let clamped = "";
let probe = "";
let engine: Engine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersteer-add-"));
  clamped = await writeStandard({
    folder: join(folder, "clamped"),
    encoder: tensor("clamp.W_enc"),
    bias: tensor("clamp.b_enc"),
    decoder: tensor("clamp.W_dec"),
  });
  const square = vector.reduce((sum, value) => sum + value * value, 0);
  const encoder = vector.map((value) => value / square);
  probe = await writeStandard({
    folder: join(folder, "probe"),
    encoder,
    bias: Float32Array.of(PROBE_BIAS),
    decoder: encoder,
  });
  engine = await openEngine({ weights: "exact", workers: 2, slots: 12 });
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

function interventionOf(arm: string): Intervention | null {
  const add: Edit = { kind: "add", direction: { vector }, strength: ADD_SCALE };
  const clamps = [0, 1, 2, 3].map((latent): Edit => ({ kind: "clamp", sae: clamped, latent, value: 0 }));
  const edits: Record<string, Edit[]> = {
    plain: [],
    add: [add],
    clamp: clamps,
    "add+clamp": [add, ...clamps],
  };
  const found = edits[arm];
  if (found === undefined) throw new Error(`no arm ${arm}`);
  return found.length === 0 ? null : { layer: LAYER, positions: { kind: "all" }, edits: found };
}

/** The part of a request that steers; nothing for the plain arm. */
function steer(arm: string): { intervention?: Intervention } {
  const intervention = interventionOf(arm);
  return intervention === null ? {} : { intervention };
}

function joined(prompt: Int32Array, more: ArrayLike<number>): Int32Array {
  return Int32Array.from([...prompt, ...Array.from(more)]);
}

/** A steered generation, with how far the probe's reading of each row moved from that of the unedited h. */
async function steeredAndUnedited(prompt: Int32Array, intervention: Intervention) {
  const record = { layer: LAYER, sae: probe, latents: [0] };
  const generation = await generateOne(engine, {
    tokens: prompt,
    sampling: sampling(),
    intervention,
    record,
  });
  const fed = joined(prompt, generation.tokens.slice(0, -1));
  // block 15's input does not know of an edit at its output, so an unsteered run shows the unedited h of the same tokens
  const before = await captureOne(engine, {
    tokens: fed,
    layer: LAYER,
    what: { kind: "latents", sae: probe, latents: [0] },
  });
  const { recorded } = generation;
  expect(recorded?.length).toBe(fed.length);
  return { ...generation, moved: Array.from(fed, (_, row) => at(recorded ?? [], row) - at(before, row)) };
}

describe("add is add", () => {
  it.each([0, 15, 29])(
    "h' - h = s d on every row of layer %i, to the rounding of one addition",
    async (layer) => {
      const tokens = joined(chat(0), CASES[0]?.greedy.slice(0, 8) ?? []);
      const what = { kind: "rows" } as const;
      const before = await captureOne(engine, { tokens, layer, what });
      const intervention = addVector({ vector, strength: STRENGTH, layer });
      const after = await captureOne(engine, { tokens, layer, what, intervention });
      expect(after.length).toBe(tokens.length * D_MODEL);
      const worst = additionError({
        values: after,
        missing: (value, i) => value - at(before, i) - STRENGTH * at(vector, i % D_MODEL),
      });
      expect(worst).toBeLessThanOrEqual(ADDITION);
    },
  );

  const policies: { positions: Positions; edited: (row: number, prompt: number) => boolean }[] = [
    { positions: { kind: "all" }, edited: () => true },
    { positions: { kind: "prompt" }, edited: (row, prompt) => row < prompt },
    { positions: { kind: "generated" }, edited: (row, prompt) => row >= prompt },
    { positions: { kind: "range", start: 5, end: 9 }, edited: (row) => row >= 5 && row < 9 },
    { positions: { kind: "range", start: 36, end: 44 }, edited: (row) => row >= 36 && row < 44 },
  ];
  it.each(policies)(
    "a generation under $positions edits exactly the rows that it names",
    async ({ positions, edited }) => {
      const prompt = chat(0);
      const intervention = addVector({ vector, strength: STRENGTH, layer: LAYER, positions });
      const { receipt, moved } = await steeredAndUnedited(prompt, intervention);
      const rows = Array.from(moved.keys()).filter((row) => edited(row, prompt.length));
      for (const [row, by] of moved.entries()) {
        expect(by, `row ${row}`).toBeCloseTo(rows.includes(row) ? STRENGTH : 0, 2);
      }
      expect(receipt?.rowsEdited).toBe(rows.length);
      expect(receipt?.promptRows).toBe(rows.filter((row) => row < prompt.length).length);
    },
  );

  it("until-phrase edits up to the token that completes the phrase", async () => {
    const prompt = chat(0);
    const positions: Positions = { kind: "until-phrase", phrases: ["AN OMELETTE"] };
    const intervention = addVector({ vector, strength: STRENGTH, layer: LAYER, positions });
    const { text, offsets, moved } = await steeredAndUnedited(prompt, intervention);
    const complete = text.indexOf("an omelette") + "an omelette".length;
    expect(complete).toBeGreaterThan("an omelette".length);
    for (const [row, by] of moved.entries()) {
      // a token ends where the next begins
      const end = row < prompt.length ? 0 : at(offsets, row - prompt.length + 1);
      expect(by, `row ${row}`).toBeCloseTo(end < complete ? STRENGTH : 0, 2);
    }
  });
});

describe("the same numbers as PyTorch on the same weights", () => {
  it.each([0, 1, 2])(
    "chat %i: the residual stream and the log-probabilities of the prompt",
    async (index) => {
      const tokens = chat(index);
      const rows = await captureOne(engine, { tokens, layer: LAYER, what: { kind: "rows" } });
      const truth = tensor(`${index}.plain.resid`);
      const errors = Array.from(tokens, (_, row) =>
        relativeError(rowOf(rows, row, D_MODEL), rowOf(truth, row, D_MODEL)),
      );
      expect(Math.max(...errors)).toBeLessThan(1e-5);
      const scores = await scoreOne(engine, { tokens, from: 1 });
      expect(maxDifference(scores, tensor(`${index}.plain.logprobs`))).toBeLessThan(LOG_PROB);
    },
  );

  it("the tokenizer gives the same ids", async () => {
    for (const { text, ids } of CHATS) {
      expect(Array.from(await engine.tokenize(text))).toEqual(ids);
    }
  });

  it.each(CASES)("$key: the next token's distribution", async ({ key, chat: index, arm }) => {
    const tokens = chat(index);
    const wanted = tensor(`${key}.logits_last`);
    const logProbs = logSoftmax(wanted);
    const count = index === 0 ? 51 : 9;
    const likely = topIndexes(wanted, Math.ceil(count / 2));
    // and as many spread evenly over the vocabulary
    const spread = Array.from(
      { length: count - likely.length },
      (_, i) => 1000 + i * Math.floor(48_000 / count),
    );
    const candidates = [...new Set([...likely, ...spread])];
    const found = await gather(
      engine.score(
        candidates.map((token) => ({
          id: String(token),
          tokens: joined(tokens, [token]),
          from: tokens.length,
          ...steer(arm),
        })),
      ),
    );
    const differences = candidates.map((token) => {
      const mine = at(found.get(String(token))?.logProbs ?? [], 0);
      return Math.abs(mine - at(logProbs, token));
    });
    expect(Math.max(...differences)).toBeLessThan(LOG_PROB);
  });

  it("greedy continuations are equal, except where two tokens are nearly as likely", async () => {
    const found = await gather(
      engine.generate(
        CASES.map(({ key, chat: index, arm }) => ({
          id: key,
          tokens: chat(index),
          sampling: sampling({ maxTokens: 48 }),
          ...steer(arm),
        })),
      ),
    );
    expect(found.size).toBe(12);
    for (const { key, chat: index, arm, greedy } of CASES) {
      const mine = Array.from(found.get(key)?.tokens ?? []);
      const split = greedy.findIndex((token, i) => token !== mine[i]);
      if (split < 0) continue;
      const before = joined(chat(index), greedy.slice(0, split));
      const scoreOf = (token: number) =>
        scoreOne(engine, { tokens: joined(before, [token]), from: before.length, ...steer(arm) });
      const theirs = at(await scoreOf(at(greedy, split)), 0);
      const ours = at(await scoreOf(at(mine, split)), 0);
      expect(Math.abs(ours - theirs), `${key} parts at token ${split}`).toBeLessThan(LOG_PROB);
    }
  });
});
