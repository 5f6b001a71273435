/** DESIGN.md 4, invariant 3: a clamped latent reads its value; a clamp of a silent one does nothing; adds and clamps compose (METHOD.md 3.2). */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Capture, Edit, Engine } from "../../../src/engine/engine.ts";
import { assetPath } from "../../../src/sae/asset-path.ts";
import { encodeRows } from "../../../src/sae/encode.ts";
import { memoryDictionary } from "../../../src/sae/memory-dictionary.ts";
import { openDictionary } from "../../../src/sae/open-dictionary.ts";
import { writeSaelens } from "../../../src/sae/write-saelens.ts";
import { writeStandard } from "../support/dictionaries.ts";
import { gather, only, openEngine } from "../support/engine.ts";
import { at, maxDifference, rowOf } from "../support/numbers.ts";
import { ADDITION, additionError } from "../support/same.ts";
import { chat, LAYER } from "../support/truth.ts";

const D_MODEL = 576;
/** Axes of the residual stream that the latents read and write: orthogonal, so each latent is isolated from the others. */
const AXES = [3, 77, 150, 222, 404, 571];

const tokens = chat(0);
let folder = "";
let isolated = "";
let engine: Engine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersteer-clamp-"));
  const rows = new Float32Array(AXES.length * D_MODEL);
  for (const [latent, axis] of AXES.entries()) rows[latent * D_MODEL + axis] = 1;
  isolated = await writeStandard({
    folder,
    encoder: rows,
    bias: new Float32Array(AXES.length),
    decoder: rows,
  });
  engine = await openEngine({ weights: "fast" });
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

async function captureRows(edits: Edit[]): Promise<Capture> {
  const intervention = { layer: LAYER, positions: { kind: "all" } as const, edits };
  return only(
    await gather(
      engine.capture([{ id: "rows", tokens, layer: LAYER, what: { kind: "rows" }, intervention }]),
    ),
  );
}

async function captureLatents(sae: string, edits: Edit[], latents: number[] = []): Promise<Capture> {
  const intervention = { layer: LAYER, positions: { kind: "all" } as const, edits };
  const what = { kind: "latents", sae, latents } as const;
  return only(await gather(engine.capture([{ id: "latents", tokens, layer: LAYER, what, intervention }])));
}

describe("clamp clamps an isolated latent", () => {
  it.each([0, 4.5])(
    "re-encoding gives %d wherever the latent was active, and leaves the others alone",
    async (value) => {
      const before = await captureLatents(isolated, []);
      const after = await captureLatents(isolated, [{ kind: "clamp", sae: isolated, latent: 2, value }]);
      expect(before.columns).toBe(AXES.length);
      let active = 0;
      for (let row = 0; row < before.rows; row++) {
        for (const latent of AXES.keys()) {
          const was = at(before.values, row * before.columns + latent);
          const is = at(after.values, row * after.columns + latent);
          if (latent !== 2) expect(is).toBe(was);
          else if (was > 0) expect(is).toBeCloseTo(value, 5);
          active += latent === 2 && was > 0 ? 1 : 0;
        }
      }
      expect(active).toBeGreaterThan(0);
      expect(active).toBeLessThan(before.rows);
    },
  );

  it("a clamp to 0 does not touch the rows where the latent is silent", async () => {
    const was = (await captureLatents(isolated, [])).values;
    const before = await captureRows([]);
    const after = await captureRows([{ kind: "clamp", sae: isolated, latent: 2, value: 0 }]);
    const changed = Array.from(tokens.keys()).filter((row) => {
      const same = rowOf(before.values, row, D_MODEL).every((value, i) =>
        Object.is(value, rowOf(after.values, row, D_MODEL)[i]),
      );
      return !same;
    });
    const active = Array.from(tokens.keys()).filter((row) => at(was, row * AXES.length + 2) > 0);
    expect(changed).toEqual(active);
    expect(after.receipt?.edits[0]?.rowsChanged).toBe(active.length);
    expect(after.receipt?.edits[0]?.meanValueAfter).toBeCloseTo(0, 5);
  });

  it("a clamp above 0 lifts a silent latent by v d_k, for its value was 0", async () => {
    const was = (await captureLatents(isolated, [])).values;
    const before = (await captureRows([])).values;
    const after = (await captureRows([{ kind: "clamp", sae: isolated, latent: 2, value: 4.5 }])).values;
    const silent = Array.from(tokens.keys()).filter((row) => at(was, row * AXES.length + 2) === 0);
    expect(silent.length).toBeGreaterThan(0);
    for (const row of silent) {
      const place = row * D_MODEL + at(AXES, 2);
      expect(at(after, place) - at(before, place)).toBeCloseTo(4.5, 4);
    }
  });
});

describe("add and clamp compose: h' = h + s d_j + (v - f_k(h)) d_k, with f_k read from the unedited h", () => {
  const clamp = (latent: number, value: number): Edit => ({ kind: "clamp", sae: isolated, latent, value });
  const add = (latent: number, strength: number): Edit => ({
    kind: "add",
    direction: { sae: isolated, latent },
    strength,
  });

  it("a latent that is clamped to v and added w ends at v + w, in either order", async () => {
    const was = (await captureLatents(isolated, [])).values;
    const one = (await captureLatents(isolated, [add(1, 6), clamp(1, 2)])).values;
    const other = (await captureLatents(isolated, [clamp(1, 2), add(1, 6)])).values;
    expect(one).toEqual(other);
    const active = Array.from(tokens.keys()).filter((row) => at(was, row * AXES.length + 1) > 0);
    expect(active.length).toBeGreaterThan(0);
    for (const row of active) expect(at(one, row * AXES.length + 1)).toBeCloseTo(8, 4);
  });

  it("a clamp to 0 does not remove what an add of the same call wrote", async () => {
    const rows = (await captureRows([add(4, 9), clamp(4, 0), clamp(5, 0)])).values;
    const before = (await captureRows([])).values;
    for (const row of tokens.keys()) {
      for (const [axis, added] of [
        [at(AXES, 4), 9],
        [at(AXES, 5), 0],
      ] as const) {
        const h = at(before, row * D_MODEL + axis);
        expect(at(rows, row * D_MODEL + axis)).toBeCloseTo(h + added - Math.max(0, h), 4);
      }
    }
  });
});

describe("a TopK dictionary", () => {
  const sae = assetPath("smollm2-135m/sae/smollm2-135m-instruct.l15.8k");

  it("has at most k active latents a row, by name as by path", async () => {
    const all = await captureLatents("smollm2-135m-instruct.l15.8k", []);
    expect(all.columns).toBe(8192);
    for (const row of tokens.keys()) {
      const active = rowOf(all.values, row, all.columns).reduce(
        (count, value) => count + (value > 0 ? 1 : 0),
        0,
      );
      expect(active).toBeLessThanOrEqual(32);
      expect(active).toBeGreaterThan(0);
    }
    expect((await captureLatents(sae, [])).values).toEqual(all.values);
  });

  it("reads what the reference encoder reads", async () => {
    const all = await captureLatents(sae, []);
    const rows = (await captureRows([])).values;
    const dictionary = openDictionary({ path: sae });
    const wanted = encodeRows({ dictionary, rows });
    dictionary.close();
    expect(maxDifference(all.values, wanted)).toBeLessThan(1e-3);
  });

  it("a clamp of an active latent to 0 removes f_k d_k, and other rows keep their bits", async () => {
    const all = await captureLatents(sae, []);
    const last = rowOf(all.values, tokens.length - 1, all.columns);
    const latent = last.reduce((best, value, k) => (value > at(last, best) ? k : best), 0);
    const f = Array.from(tokens.keys(), (row) => at(all.values, row * all.columns + latent));
    const before = (await captureRows([])).values;
    const after = await captureRows([{ kind: "clamp", sae, latent, value: 0 }]);
    const dictionary = openDictionary({ path: sae });
    const direction = dictionary.direction(latent);
    dictionary.close();
    const worst = additionError({
      values: after.values,
      missing: (value, i) =>
        at(before, i) - value - at(f, Math.floor(i / D_MODEL)) * at(direction, i % D_MODEL),
    });
    expect(worst).toBeLessThanOrEqual(ADDITION);
    const active = f.filter((value) => value > 0).length;
    expect(active).toBeGreaterThan(0);
    expect(after.receipt?.edits[0]?.rowsChanged).toBe(active);
    const mean = f.reduce((sum, value) => sum + value, 0) / f.length;
    expect(after.receipt?.edits[0]?.meanValueBefore).toBeCloseTo(mean, 4);
  });
});

describe.each(["jumprelu", "gated"] as const)("a %s dictionary", (architecture) => {
  let sae = "";

  beforeAll(async () => {
    const rows = new Float32Array(AXES.length * D_MODEL);
    for (const [latent, axis] of AXES.entries()) rows[latent * D_MODEL + axis] = 1;
    const latents = AXES.length;
    sae = join(folder, architecture);
    const dictionary = memoryDictionary({
      facts: { architecture, k: null, layer: LAYER, hookName: null, modelName: null, applyBDecToInput: true },
      weights: {
        encoder: rows,
        // a unit of a gated latent's value is then a unit of what it writes
        decoder: architecture === "gated" ? rows.map((weight) => weight / 2) : rows,
        encoderBias: new Float32Array(latents),
        decoderBias: new Float32Array(D_MODEL),
        thresholds: new Float32Array(latents).fill(0.05),
        magnitudes: {
          bias: new Float32Array(latents).fill(0.25),
          logScale: new Float32Array(latents).fill(Math.log(2)),
        },
      },
    });
    await writeSaelens({ dictionary, path: sae });
  });

  it("reads a few latents as it reads all, which is what the reference encoder reads", async () => {
    const all = await captureLatents(sae, []);
    const few = await captureLatents(sae, [], [5, 2]);
    const rows = (await captureRows([])).values;
    const dictionary = openDictionary({ path: sae });
    expect(maxDifference(all.values, encodeRows({ dictionary, rows }))).toBeLessThan(1e-4);
    dictionary.close();
    for (let row = 0; row < few.rows; row++) {
      for (const [column, latent] of [5, 2].entries()) {
        const one = at(few.values, row * 2 + column);
        expect(one).toBeCloseTo(at(all.values, row * all.columns + latent), 4);
      }
    }
  });

  it("clamps an active latent to a value, and leaves a silent one alone at 0", async () => {
    const before = await captureLatents(sae, []);
    const after = await captureLatents(sae, [{ kind: "clamp", sae, latent: 2, value: 4.5 }]);
    const ablated = await captureRows([{ kind: "clamp", sae, latent: 2, value: 0 }]);
    const active = Array.from(tokens.keys()).filter((row) => at(before.values, row * AXES.length + 2) > 0);
    expect(active.length).toBeGreaterThan(0);
    expect(active.length).toBeLessThan(tokens.length);
    for (const row of active) expect(at(after.values, row * AXES.length + 2)).toBeCloseTo(4.5, 4);
    expect(ablated.receipt?.edits[0]?.rowsChanged).toBe(active.length);
  });
});
