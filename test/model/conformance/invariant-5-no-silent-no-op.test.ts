/** DESIGN.md 4, invariant 5: what can't be steered exactly as asked is refused, and every steered answer carries the proof of its edit. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine, GenerationRequest, Intervention, Positions } from "../../../src/engine/engine.ts";
import type { ErrorCode } from "../../../src/errors.ts";
import { assetPath } from "../../../src/sae/asset-path.ts";
import { openDictionary } from "../../../src/sae/open-dictionary.ts";
import { unitRows, writeStandard } from "../support/dictionaries.ts";
import {
  addVector,
  captureOne,
  gather,
  generateOne,
  openEngine,
  SERVED,
  sampling,
} from "../support/engine.ts";
import { at, norm, rowOf } from "../support/numbers.ts";
import { chat, LAYER, tensor } from "../support/truth.ts";

const D_MODEL = 576;
const TOPK = "smollm2-135m-instruct.l15.8k";
const STRENGTH = 30;
const vector = tensor("add.vector");
const prompt = chat(0);
let folder = "";
let narrow = "";
let relu = "";
let engine: Engine;
/** Tokens that a sequence may hold: a server's are its own. */
let room = 256;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersteer-no-op-"));
  const of = (name: string, dModel: number) => {
    const rows = unitRows(3, dModel);
    return writeStandard({
      folder: join(folder, name),
      encoder: rows,
      bias: new Float32Array(3),
      decoder: rows,
    });
  };
  narrow = await of("narrow", 64);
  relu = await of("relu", D_MODEL);
  engine = await openEngine({ weights: "fast", slots: 4, contextPerSlot: room });
  if (SERVED !== null) room = engine.info.contextLength;
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

function clamp(sae: string, latent: number, value = 0): Intervention {
  return { layer: LAYER, positions: { kind: "all" }, edits: [{ kind: "clamp", sae, latent, value }] };
}

describe("receipts", () => {
  const policies: { positions: Positions; promptRows: number; generatedRows: number }[] = [
    { positions: { kind: "all" }, promptRows: prompt.length, generatedRows: 7 },
    { positions: { kind: "prompt" }, promptRows: prompt.length, generatedRows: 0 },
    { positions: { kind: "generated" }, promptRows: 0, generatedRows: 7 },
    {
      positions: { kind: "range", start: 2, end: prompt.length + 3 },
      promptRows: prompt.length - 2,
      generatedRows: 3,
    },
  ];
  it.each(policies)(
    "under $positions count the rows that were fed and edited",
    async ({ positions, ...rows }) => {
      const intervention = addVector({ vector, strength: STRENGTH, positions });
      const request = { tokens: prompt, sampling: sampling({ maxTokens: 8 }), intervention };
      const { receipt, tokens } = await generateOne(engine, request);
      expect(tokens.length).toBe(8);
      expect(receipt).toMatchObject({
        layer: LAYER,
        ...rows,
        rowsEdited: rows.promptRows + rows.generatedRows,
      });
      expect(receipt?.edits).toMatchObject([{ kind: "add", latent: null, rowsChanged: receipt?.rowsEdited }]);
    },
  );

  it("say the mean dose |s| ||d|| / ||h|| and the norms, as the captured rows have them", async () => {
    const intervention = addVector({ vector, strength: -STRENGTH });
    const { receipt, tokens } = await generateOne(engine, {
      tokens: prompt,
      sampling: sampling({ maxTokens: 8 }),
      intervention,
    });
    const fed = Int32Array.from([...prompt, ...tokens.slice(0, -1)]);
    const what = { kind: "rows" } as const;
    const before = await captureOne(engine, { tokens: fed, layer: LAYER, what });
    const after = await captureOne(engine, { tokens: fed, layer: LAYER, what, intervention });
    const norms = (rows: Float32Array) => Array.from(fed, (_, row) => norm(rowOf(rows, row, D_MODEL)));
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const dose = mean(norms(before).map((length) => (STRENGTH * norm(vector)) / length));
    expect((receipt?.meanDose ?? 0) / dose).toBeCloseTo(1, 5);
    expect((receipt?.meanNormBefore ?? 0) / mean(norms(before))).toBeCloseTo(1, 5);
    expect((receipt?.meanNormAfter ?? 0) / mean(norms(after))).toBeCloseTo(1, 5);
  });

  it("of a latent say its value before and after", async () => {
    const dictionary = openDictionary({ path: assetPath("smollm2-135m/sae/smollm2-135m-instruct.l15.8k") });
    const direction = dictionary.direction(11);
    const gain = dictionary.encoderRow(11).reduce((sum, value, i) => sum + value * at(direction, i), 0);
    dictionary.close();
    const edits: Intervention["edits"] = [
      { kind: "add", direction: { sae: TOPK, latent: 11 }, strength: 100 },
    ];
    const intervention: Intervention = { layer: LAYER, positions: { kind: "all" }, edits };
    const { receipt } = await generateOne(engine, {
      tokens: prompt,
      sampling: sampling({ maxTokens: 8 }),
      intervention,
    });
    const [edit] = receipt?.edits ?? [];
    const before = edit?.meanValueBefore ?? Number.NaN;
    const after = edit?.meanValueAfter ?? Number.NaN;
    expect(edit?.latent).toBe(11);
    expect(gain).toBeGreaterThan(0);
    // a reading is rectified: where it was below 0, less than the whole addition shows
    expect(after - before).toBeLessThanOrEqual(100 * gain * 1.0001);
    expect(after).toBeGreaterThan(before);
  });

  it("come with scores and captures too, and are null only without an edit", async () => {
    const intervention = addVector({ vector, strength: STRENGTH });
    const scored = await gather(
      engine.score([
        { id: "steered", tokens: prompt, from: 1, intervention },
        { id: "plain", tokens: prompt, from: 1 },
      ]),
    );
    expect(scored.get("steered")?.receipt?.rowsEdited).toBe(prompt.length - 1);
    expect(scored.get("plain")?.receipt).toBeNull();
    const what = { kind: "rows" } as const;
    const captured = await gather(
      engine.capture([{ id: "c", tokens: prompt, layer: 3, what, intervention }]),
    );
    expect(captured.get("c")?.receipt?.rowsEdited).toBe(prompt.length);
  });
});

describe("refusals", () => {
  async function generate(part: Partial<GenerationRequest>): Promise<unknown> {
    return await generateOne(engine, { tokens: prompt, sampling: sampling({ maxTokens: 4 }), ...part });
  }
  async function capture(what: { kind: "latents"; sae: string; latents: number[] }): Promise<unknown> {
    return await captureOne(engine, { tokens: prompt, layer: LAYER, what });
  }
  const past: Positions = { kind: "range", start: 100, end: 120 };
  const phrase: Positions = { kind: "until-phrase", phrases: ["wait"] };
  const at15 = (positions: Positions) => addVector({ vector, strength: 5, positions });

  const cases: { name: string; code: ErrorCode; run: () => Promise<unknown> }[] = [
    {
      name: "positions that no row has",
      code: "EDIT_NOT_APPLIED",
      run: () => generate({ intervention: at15(past) }),
    },
    {
      name: "generated rows where only one token is sampled",
      code: "EDIT_NOT_APPLIED",
      run: () =>
        generate({ intervention: at15({ kind: "generated" }), sampling: sampling({ maxTokens: 1 }) }),
    },
    {
      name: "a score under positions that no row has",
      code: "EDIT_NOT_APPLIED",
      run: () => gather(engine.score([{ id: "s", tokens: prompt, from: 1, intervention: at15(past) }])),
    },
    {
      name: "a score until a phrase",
      code: "REQUEST_INVALID",
      run: async () =>
        gather(engine.score([{ id: "s", tokens: prompt, from: 1, intervention: at15(phrase) }])),
    },
    {
      name: "a layer above the last",
      code: "LAYER_OUT_OF_RANGE",
      run: () => generate({ intervention: addVector({ vector, strength: 5, layer: 30 }) }),
    },
    {
      name: "a layer below 0",
      code: "LAYER_OUT_OF_RANGE",
      run: () => generate({ intervention: addVector({ vector, strength: 5, layer: -1 }) }),
    },
    {
      name: "a recording above the last layer",
      code: "LAYER_OUT_OF_RANGE",
      run: () => generate({ record: { layer: 30, sae: relu, latents: [0] } }),
    },
    {
      name: "a vector of another length",
      code: "SAE_MISMATCH",
      run: () => generate({ intervention: addVector({ vector: vector.slice(1), strength: 5 }) }),
    },
    {
      name: "an SAE of another width",
      code: "SAE_MISMATCH",
      run: () => generate({ intervention: clamp(narrow, 0) }),
    },
    {
      name: "a recording by an SAE of another width",
      code: "SAE_MISMATCH",
      run: () => generate({ record: { layer: LAYER, sae: narrow, latents: [0] } }),
    },
    {
      name: "an SAE that does not exist",
      code: "SAE_UNREADABLE",
      run: () => generate({ intervention: clamp(join(folder, "none"), 0) }),
    },
    {
      name: "an unknown latent in an edit",
      code: "LATENT_UNKNOWN",
      run: () => generate({ intervention: clamp(TOPK, 8192) }),
    },
    {
      name: "an unknown latent in a recording",
      code: "LATENT_UNKNOWN",
      run: () => generate({ record: { layer: LAYER, sae: relu, latents: [3] } }),
    },
    {
      name: "an unknown latent in a TopK recording",
      code: "LATENT_UNKNOWN",
      run: () => generate({ record: { layer: LAYER, sae: TOPK, latents: [8192] } }),
    },
    {
      name: "an unknown latent in a capture",
      code: "LATENT_UNKNOWN",
      run: () => capture({ kind: "latents", sae: TOPK, latents: [-1] }),
    },
    {
      name: "a strength that is no number",
      code: "REQUEST_INVALID",
      run: () => generate({ intervention: addVector({ vector, strength: Number.NaN }) }),
    },
    {
      name: "more tokens than a slot holds",
      code: "CONTEXT_OVERFLOW",
      run: () => generate({ sampling: sampling({ maxTokens: room - prompt.length + 1 }) }),
    },
    { name: "an empty prompt", code: "PROMPT_EMPTY", run: () => generate({ tokens: new Int32Array(0) }) },
    {
      name: "a token that the vocabulary lacks",
      code: "REQUEST_INVALID",
      run: () => generate({ tokens: Int32Array.of(49_152) }),
    },
    {
      name: "text of a token that the vocabulary lacks",
      code: "REQUEST_INVALID",
      run: () => engine.detokenize(Int32Array.of(-3)),
    },
  ];
  it.each(cases)("$name: $code", async ({ code, run }) => {
    await expect(run()).rejects.toMatchObject({ name: "CountersteerError", code });
  });

  it("a refused request takes none of its neighbours along", async () => {
    const plain = { tokens: prompt, sampling: sampling() };
    const wanted = await generateOne(engine, plain);
    const bad = engine.generate([
      { id: "bad", ...plain, record: { layer: LAYER, sae: relu, latents: [99] } },
    ]);
    const [refused, found] = await Promise.allSettled([gather(bad), generateOne(engine, plain)]);
    expect(refused.status).toBe("rejected");
    expect(found.status === "fulfilled" && found.value.tokens).toEqual(wanted.tokens);
  });

  it("a slot can be filled to its last token", async () => {
    const tokens = Int32Array.from({ length: room - 1 }, (_, i) => at(prompt, i % prompt.length));
    const found = await generateOne(engine, { tokens, sampling: sampling({ maxTokens: 1 }) });
    expect(found.promptTokens + found.tokens.length).toBe(room);
  });
});
