/** How far an intervention moves next-token distributions: exactly nothing where it does nothing, and PyTorch's numbers where it acts. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Divergences, Edit, Engine, Intervention } from "../../src/engine/engine.ts";
import { isCode } from "../../src/errors.ts";
import { unitRows, writeStandard } from "./support/dictionaries.ts";
import { addVector, gather, only, openEngine, sampling } from "./support/engine.ts";
import { at, logSoftmax } from "./support/numbers.ts";
import { ADD_SCALE, CASES, chat, LAYER, tensor } from "./support/truth.ts";

const D_MODEL = 576;
const vector = tensor("add.vector");
let folder = "";
let clamped = "";
let silent = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersteer-divergence-"));
  clamped = await writeStandard({
    folder: join(folder, "clamped"),
    encoder: tensor("clamp.W_enc"),
    bias: tensor("clamp.b_enc"),
    decoder: tensor("clamp.W_dec"),
  });
  const rows = unitRows(2, D_MODEL);
  silent = await writeStandard({
    folder: join(folder, "silent"),
    encoder: rows,
    bias: Float32Array.of(-1e6, -1e6),
    decoder: rows,
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function divergenceOf(
  engine: Engine,
  request: { tokens: Int32Array; from?: number; intervention: Intervention },
): Promise<Divergences> {
  return only(await gather(engine.divergence([{ id: "one", from: 1, ...request }])));
}

/** Rows fill more than one decode. */
const long = Int32Array.from(Array.from({ length: 3 }, () => [0, 1, 2].flatMap((i) => [...chat(i)])).flat());

describe.each([{ weights: "fast" }, { weights: "exact" }] as const)(
  "with $weights weights",
  ({ weights }) => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await openEngine({ weights, contextPerSlot: 1024 });
    });
    afterAll(() => engine.close());

    it.each([0, 15, 29])("what does nothing at layer %i is exactly 0 apart", async (layer) => {
      const nothings: Record<string, Intervention> = {
        empty: { layer, positions: { kind: "all" }, edits: [] },
        "add 0": addVector({ vector, strength: 0, layer }),
        "clamp of a silent latent": {
          layer,
          positions: { kind: "all" },
          edits: [{ kind: "clamp", sae: silent, latent: 1, value: 0 }],
        },
      };
      for (const [name, intervention] of Object.entries(nothings)) {
        for (const from of [1, 20]) {
          const { kl, reverse, receipt } = await divergenceOf(engine, { tokens: long, from, intervention });
          expect(kl, name).toEqual(new Float32Array(long.length - from));
          expect(reverse, name).toEqual(kl);
          expect(receipt?.rowsEdited ?? null, name).toBe(name === "empty" ? null : long.length - 1);
        }
      }
    });

    it("distributions before the first edited row are the same, and those after it are apart both ways", async () => {
      const start = 30;
      const intervention = addVector({
        vector,
        strength: ADD_SCALE,
        positions: { kind: "range", start, end: long.length },
      });
      const { kl, reverse, receipt } = await divergenceOf(engine, { tokens: long, intervention });
      expect(kl.length).toBe(long.length - 1);
      for (const each of [kl, reverse]) {
        // the row at `start` predicts the token after it
        expect([...each.subarray(0, start)].every((value) => value === 0)).toBe(true);
        expect([...each.subarray(start)].every((value) => value > 0 && Number.isFinite(value))).toBe(true);
      }
      expect(kl).not.toEqual(reverse);
      expect(receipt?.rowsEdited).toBe(long.length - 1 - start);
      expect(receipt?.meanDose).toBeGreaterThan(0);
    });

    it("later distributions depend neither on what was asked before nor on from where they are wanted", async () => {
      const intervention = addVector({ vector, strength: ADD_SCALE });
      const whole = await divergenceOf(engine, { tokens: long, intervention });
      await gather(engine.score([{ id: "score", tokens: long, from: 1 }]));
      await gather(
        engine.generate([
          { id: "text", tokens: chat(1), sampling: sampling({ maxTokens: 4 }), intervention },
        ]),
      );
      const from = 50;
      const part = await divergenceOf(engine, { tokens: long, from, intervention });
      expect(part.kl).toEqual(whole.kl.subarray(from - 1));
      expect(part.reverse).toEqual(whole.reverse.subarray(from - 1));
    });

    it("scores are the same after it as before", async () => {
      const score = { id: "score", tokens: long, from: 1 };
      const before = only(await gather(engine.score([score])));
      await divergenceOf(engine, { tokens: long, intervention: addVector({ vector, strength: ADD_SCALE }) });
      expect(only(await gather(engine.score([score]))).logProbs).toEqual(before.logProbs);
    });

    it("a single row has one, whichever token follows", async () => {
      const tokens = long.slice(0, 2);
      const intervention = addVector({ vector, strength: ADD_SCALE });
      const { kl, receipt } = await divergenceOf(engine, { tokens, intervention });
      expect(kl.length).toBe(1);
      expect(kl[0]).toBeGreaterThan(0);
      expect(receipt?.rowsEdited).toBe(1);
      const zero = await divergenceOf(engine, { tokens, intervention: addVector({ vector, strength: 0 }) });
      expect(zero.kl[0]).toBe(0);
    });

    it("an edit that reaches no row, and a first token that has none before it, are refused", async () => {
      const tokens = chat(0);
      const intervention = addVector({ vector, strength: 5, positions: { kind: "generated" } });
      await expect(divergenceOf(engine, { tokens, intervention })).rejects.toSatisfy((error) =>
        isCode(error, "EDIT_NOT_APPLIED"),
      );
      const all = addVector({ vector, strength: 5 });
      for (const from of [0, tokens.length]) {
        expect(() => engine.divergence([{ id: "one", tokens, from, intervention: all }])).toThrow("scores");
      }
    });
  },
);

describe("the same numbers as PyTorch on the same weights", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine({ weights: "exact" });
  });
  afterAll(() => engine.close());

  const add: Edit = { kind: "add", direction: { vector }, strength: ADD_SCALE };
  const clamps = () =>
    [0, 1, 2, 3].map((latent): Edit => ({ kind: "clamp", sae: clamped, latent, value: 0 }));
  const editsOf = (arm: string): Edit[] =>
    arm === "add" ? [add] : arm === "clamp" ? clamps() : [add, ...clamps()];

  it.each(CASES.filter(({ arm }) => arm !== "plain"))("$key", async ({ key, chat: index, arm }) => {
    const prompt = chat(index);
    const steered = logSoftmax(tensor(`${key}.logits_last`));
    const unsteered = logSoftmax(tensor(`${index}.plain.logits_last`));
    const wanted = (p: Float64Array, q: Float64Array) =>
      p.reduce((sum, value, i) => sum + Math.exp(value) * (value - at(q, i)), 0);
    const intervention: Intervention = { layer: LAYER, positions: { kind: "all" }, edits: editsOf(arm) };
    // the last token is only predicted, so any will do
    const tokens = Int32Array.from([...prompt, 0]);
    const { kl, reverse } = await divergenceOf(engine, { tokens, from: prompt.length, intervention });
    const truth = [wanted(steered, unsteered), wanted(unsteered, steered)];
    expect(truth[0]).toBeGreaterThan(0);
    for (const [i, mine] of [at(kl, 0), at(reverse, 0)].entries()) {
      expect(Math.abs(mine - at(truth, i)) / at(truth, i)).toBeLessThan(1e-3);
    }
  });
});
