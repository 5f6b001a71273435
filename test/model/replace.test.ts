/** A replacement puts exactly what it says in place of the row: the dictionary's own reconstruction, zeros, or a vector. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine, Intervention, Positions, Replacement } from "../../src/engine/engine.ts";
import { decodeRows, encodeRows } from "../../src/sae/encode.ts";
import { openDictionary } from "../../src/sae/open-dictionary.ts";
import { writePerfect } from "./support/dictionaries.ts";
import { captureOne, gather, generateOne, only, openEngine, sampling, scoreOne } from "./support/engine.ts";
import { at, maxDifference, norm, relativeError, rowOf } from "./support/numbers.ts";
import { CASES, chat, LAYER, tensor } from "./support/truth.ts";

const D_MODEL = 576;
const TOPK = "smollm2-135m-instruct.l15.8k";
/** The encoder's float32 matrix product against sums in double precision. */
const ROUNDING = 1e-4;
const tokens = chat(0);
const vector = tensor("add.vector");
let folder = "";
let perfect = "";
let engine: Engine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersteer-replace-"));
  perfect = await writePerfect({ folder: join(folder, "perfect"), size: D_MODEL });
  engine = await openEngine({ weights: "fast", slots: 4, contextPerSlot: 256 });
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

function replace(by: Replacement, positions: Positions = { kind: "all" }, layer = LAYER): Intervention {
  return { layer, positions, edits: [{ kind: "replace", by }] };
}

function splice(sae: string, positions?: Positions): Intervention {
  return replace({ kind: "reconstruction", sae }, positions);
}

async function captureRows(intervention?: Intervention) {
  const request = { tokens, layer: LAYER, what: { kind: "rows" as const } };
  return only(
    await gather(engine.capture([{ id: "one", ...request, ...(intervention ? { intervention } : {}) }])),
  );
}

/** The model's own greedy answer, after its prompt. */
const greedy = CASES.find(({ key }) => key === "0.plain")?.greedy ?? [];
const answered = Int32Array.from([...tokens, ...greedy]);

/** Mean negative log-probability of the answer's tokens. */
async function crossEntropy(intervention?: Intervention): Promise<number> {
  const request = { tokens: answered, from: tokens.length };
  const logProbs = await scoreOne(engine, { ...request, ...(intervention ? { intervention } : {}) });
  return -logProbs.reduce((sum, value) => sum + value, 0) / logProbs.length;
}

describe("a splice", () => {
  it("is decode(encode(h)) by the reference kernels, in every row", async () => {
    const before = (await captureRows()).values;
    const after = (await captureRows(splice(TOPK))).values;
    const dictionary = openDictionary({ path: TOPK });
    const wanted = decodeRows({ dictionary, acts: encodeRows({ dictionary, rows: before }) });
    dictionary.close();
    for (const row of tokens.keys()) {
      expect(relativeError(rowOf(after, row, D_MODEL), rowOf(wanted, row, D_MODEL))).toBeLessThan(ROUNDING);
    }
    expect(relativeError(after, before)).toBeGreaterThan(0.05);
  });

  it("of a perfect dictionary changes no row and no log-probability", async () => {
    const before = await captureRows();
    const after = await captureRows(splice(perfect));
    expect(maxDifference(after.values, before.values)).toBeLessThan(1e-4);
    expect(after.receipt?.edits[0]?.meanSquaredError).toBeLessThan(1e-8);
    const plain = await scoreOne(engine, { tokens, from: 1 });
    const spliced = await scoreOne(engine, { tokens, from: 1, intervention: splice(perfect) });
    expect(maxDifference(spliced, plain)).toBeLessThan(1e-4);
  });

  it("costs some cross-entropy, and far less than zeros do", async () => {
    const plain = await crossEntropy();
    const spliced = await crossEntropy(splice(TOPK, { kind: "range", start: 1, end: answered.length }));
    const zeros = await crossEntropy(replace({ kind: "zero" }));
    expect(spliced).toBeGreaterThan(plain);
    expect(zeros - plain).toBeGreaterThan(3);
    expect(zeros - spliced).toBeGreaterThan(0.5 * (zeros - plain));
  });

  it("gives a receipt of what it did to the rows", async () => {
    const before = (await captureRows()).values;
    const { values: after, receipt } = await captureRows(splice(TOPK));
    const rows = [...tokens.keys()];
    const mean = (of: (row: number) => number) => rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
    const h = (row: number) => rowOf(before, row, D_MODEL);
    const moved = (row: number) => norm(h(row).map((value, i) => at(after, row * D_MODEL + i) - value));
    expect(receipt).toMatchObject({ layer: LAYER, rowsEdited: rows.length, promptRows: rows.length });
    expect(receipt?.meanDose).toBeCloseTo(
      mean((row) => moved(row) / norm(h(row))),
      4,
    );
    expect(receipt?.meanNormBefore).toBeCloseTo(
      mean((row) => norm(h(row))),
      2,
    );
    expect(receipt?.meanNormAfter).toBeCloseTo(
      mean((row) => norm(rowOf(after, row, D_MODEL))),
      2,
    );
    const error = mean((row) => moved(row) ** 2) / D_MODEL;
    expect(receipt?.edits).toHaveLength(1);
    expect(receipt?.edits[0]).toMatchObject({ kind: "replace", latent: null, rowsChanged: rows.length });
    expect(at([receipt?.edits[0]?.meanSquaredError ?? Number.NaN], 0) / error).toBeCloseTo(1, 4);
  });
});

describe("zeros and vectors", () => {
  it("stand in the selected rows and in no others", async () => {
    const before = (await captureRows()).values;
    const range: Positions = { kind: "range", start: 2, end: 5 };
    const zeros = (await captureRows(replace({ kind: "zero" }, range))).values;
    const given = (await captureRows(replace({ kind: "vector", vector }, range))).values;
    for (const row of tokens.keys()) {
      const inside = row >= 2 && row < 5;
      expect(rowOf(zeros, row, D_MODEL)).toEqual(
        inside ? new Float32Array(D_MODEL) : rowOf(before, row, D_MODEL),
      );
      expect(rowOf(given, row, D_MODEL)).toEqual(inside ? vector : rowOf(before, row, D_MODEL));
    }
  });
});

describe.each([
  { positions: { kind: "all" }, promptRows: tokens.length, generatedRows: 7 },
  { positions: { kind: "prompt" }, promptRows: tokens.length, generatedRows: 0 },
  { positions: { kind: "generated" }, promptRows: 0, generatedRows: 7 },
  {
    positions: { kind: "range", start: 3, end: tokens.length + 2 },
    promptRows: tokens.length - 3,
    generatedRows: 2,
  },
  {
    positions: { kind: "until-phrase", phrases: ["never said"] },
    promptRows: tokens.length,
    generatedRows: 7,
  },
] satisfies { positions: Positions; promptRows: number; generatedRows: number }[])(
  "generation under $positions.kind",
  ({ positions, promptRows, generatedRows }) => {
    it("counts the rows that were spliced", async () => {
      const intervention = splice(TOPK, positions);
      const { receipt } = await generateOne(engine, {
        tokens,
        sampling: sampling({ maxTokens: 8, repetitionPenalty: 1.2 }),
        intervention,
      });
      expect(receipt).toMatchObject({ layer: LAYER, promptRows, generatedRows });
    });
  },
);

describe("what can't be done is refused", () => {
  const add = { kind: "add" as const, direction: { vector }, strength: 1 };
  it.each([
    {
      name: "beside another edit",
      edits: [replace({ kind: "zero" }).edits, add].flat(),
      code: "REQUEST_INVALID",
    },
    { name: "twice", edits: [1, 2].flatMap(() => replace({ kind: "zero" }).edits), code: "REQUEST_INVALID" },
    {
      name: "by a vector of another width",
      edits: replace({ kind: "vector", vector: vector.slice(1) }).edits,
      code: "SAE_MISMATCH",
    },
    {
      name: "by a vector that is not finite",
      edits: replace({ kind: "vector", vector: vector.map((v, i) => (i === 7 ? Number.NaN : v)) }).edits,
      code: "REQUEST_INVALID",
    },
  ])("a replacement $name", async ({ edits, code }) => {
    const intervention: Intervention = { layer: LAYER, positions: { kind: "all" }, edits };
    await expect(
      (async () => captureOne(engine, { tokens, layer: LAYER, what: { kind: "rows" }, intervention }))(),
    ).rejects.toMatchObject({ code });
  });
});
