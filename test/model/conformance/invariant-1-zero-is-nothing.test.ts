/** DESIGN.md 4, invariant 1: an empty intervention, `add 0`, a clamp of a silent latent and no hook at all give the same bits. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine, Intervention } from "../../../src/engine/engine.ts";
import { unitRows, writeStandard } from "../support/dictionaries.ts";
import { addVector, gather, openEngine, SERVED, sampling } from "../support/engine.ts";
import { expectSameGeneration, expectSameScores } from "../support/same.ts";
import { chat, tensor } from "../support/truth.ts";

const D_MODEL = 576;
let folder = "";
let silent = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersteer-zero-"));
  const rows = unitRows(2, D_MODEL);
  // no residual row is long enough to reach over this bias
  silent = await writeStandard({ folder, encoder: rows, bias: Float32Array.of(-1e6, -1e6), decoder: rows });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function nothings(layer: number): Record<string, Intervention> {
  return {
    empty: { layer, positions: { kind: "all" }, edits: [] },
    "add 0": addVector({ vector: tensor("add.vector"), strength: 0, layer }),
    "clamp of a silent latent": {
      layer,
      positions: { kind: "all" },
      edits: [{ kind: "clamp", sae: silent, latent: 1, value: 0 }],
    },
  };
}

const MODES = SERVED === null ? (["fast", "exact"] as const) : (["as-is"] as const);

describe.each(MODES.map((weights) => ({ weights })))("zero is nothing ($weights)", ({ weights }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine({ weights });
  });
  afterAll(() => engine.close());

  it.each([0, 15, 29])("scores at layer %i are bit-identical to those without a hook", async (layer) => {
    const tokens = chat(0);
    const requests = Object.entries(nothings(layer)).map(([id, intervention]) => ({
      id,
      tokens,
      from: 1,
      intervention,
    }));
    const found = await gather(engine.score([{ id: "no hook", tokens, from: 1 }, ...requests]));
    const plain = found.get("no hook");
    expect(plain?.receipt).toBeNull();
    for (const { id } of requests) {
      const scores = found.get(id);
      expectSameScores(scores && plain && { ...scores, id: plain.id, receipt: null }, plain, id);
    }
    expect(found.get("add 0")?.receipt?.rowsEdited).toBe(tokens.length - 1);
    expect(found.get("clamp of a silent latent")?.receipt?.edits[0]?.rowsChanged).toBe(0);
  });

  it.each([0, 1])("tokens at temperature %d are those without a hook", async (temperature) => {
    const tokens = chat(1);
    const base = { tokens, sampling: sampling({ temperature, seed: 7 }) };
    const requests = [15, 29].flatMap((layer) =>
      Object.entries(nothings(layer)).map(([name, intervention]) => ({
        id: `${name} ${layer}`,
        ...base,
        intervention,
      })),
    );
    const record = { layer: 15, sae: silent, latents: [0] };
    const found = await gather(
      engine.generate([{ id: "no hook", ...base }, { id: "only recorded", ...base, record }, ...requests]),
    );
    const plain = found.get("no hook");
    expect(plain?.tokens.length).toBeGreaterThan(0);
    expect(found.size).toBe(requests.length + 2);
    for (const { id, ...request } of [{ id: "only recorded", ...base }, ...requests]) {
      const generation = found.get(id);
      const same = generation && { ...generation, receipt: null, recorded: null };
      await expectSameGeneration({ engine, request: { id, ...request }, found: same, wanted: plain });
    }
  });
});
