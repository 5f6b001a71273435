import { describe, expect, test } from "vitest";
import type { Architecture } from "../../sae/dictionary.ts";
import { latentValue } from "../../sae/encode.ts";
import { memoryDictionary } from "../../sae/memory-dictionary.ts";
import type { AddEdit, ClampEdit } from "../engine.ts";
import { EditPlan } from "./edit-plan.ts";
import { LatentReader } from "./latent-reader.ts";

const D = 4;
const SCALE = 2;

/** Four latents on the four axes; a unit of a latent's value is a unit of its direction, so clamping one touches no other. */
function dictionaryOf(architecture: Exclude<Architecture, "topk">) {
  const identity = Float32Array.from({ length: D * D }, (_, i) => (i % (D + 1) === 0 ? 1 : 0));
  const gated = architecture === "gated";
  return memoryDictionary({
    facts: {
      architecture,
      k: null,
      layer: null,
      hookName: null,
      modelName: null,
      applyBDecToInput: true,
    },
    weights: {
      encoder: identity,
      decoder: gated ? identity.map((weight) => weight / SCALE) : identity,
      encoderBias: Float32Array.of(-0.25, 0, 0, 0),
      decoderBias: Float32Array.of(0.5, 0, 0, 0),
      ...(architecture === "jumprelu" ? { thresholds: new Float32Array(D).fill(0.5) } : {}),
      ...(gated
        ? {
            magnitudes: {
              bias: Float32Array.of(0.125, 0, 1, 0),
              logScale: new Float32Array(D).fill(Math.log(SCALE)),
            },
          }
        : {}),
    },
  });
}

function planOf({
  dictionary,
  edits,
}: {
  dictionary: ReturnType<typeof dictionaryOf>;
  edits: (AddEdit | ClampEdit)[];
}) {
  const reader = new LatentReader({ dictionary, threads: 1 });
  const plan = new EditPlan({
    intervention: { layer: 0, positions: { kind: "all" } },
    edits,
    reader: () => reader,
  });
  const apply = (rows: Float32Array) =>
    plan.apply({
      rows,
      index: 0,
      dModel: D,
      isPrompt: true,
      clampedValue: (from, latent) => from.read({ rows, indexes: [0], latents: [latent] })[0] ?? Number.NaN,
      reconstruction: null,
    });
  return { plan, reader, apply };
}

describe.each(["standard", "jumprelu", "gated"] as const)("%s", (architecture) => {
  const dictionary = dictionaryOf(architecture);
  const h = Float32Array.of(2, 1, -1, 3);

  test.each([0, 1.5, 7])("clamping an active latent to %s makes it that, and leaves the others", (value) => {
    const { plan, apply } = planOf({ dictionary, edits: [{ kind: "clamp", sae: "s", latent: 0, value }] });
    const before = [0, 1, 2, 3].map((latent) => latentValue({ dictionary, row: h, latent }));
    expect(before[0]).toBeGreaterThan(0);
    const rows = Float32Array.from(h);
    apply(rows);
    const after = [0, 1, 2, 3].map((latent) => latentValue({ dictionary, row: rows, latent }));
    expect(after[0]).toBeCloseTo(value, 5);
    expect(after.slice(1)).toEqual(before.slice(1));
    const [edit] = plan.receipt().edits;
    expect(edit?.meanValueBefore).toBeCloseTo(before[0] ?? Number.NaN, 5);
    expect(edit?.meanValueAfter).toBeCloseTo(value, 5);
  });

  test("a clamp by a share goes that share of its way, and leaves the others", () => {
    const value = 6;
    const share = 0.25;
    const edits: ClampEdit[] = [{ kind: "clamp", sae: "s", latent: 0, value, share }];
    const before = [0, 1, 2, 3].map((latent) => latentValue({ dictionary, row: h, latent }));
    const rows = Float32Array.from(h);
    planOf({ dictionary, edits }).apply(rows);
    const after = [0, 1, 2, 3].map((latent) => latentValue({ dictionary, row: rows, latent }));
    expect(after[0]).toBeCloseTo((1 - share) * (before[0] ?? Number.NaN) + share * value, 5);
    expect(after.slice(1)).toEqual(before.slice(1));
  });

  test("ablating a silent latent changes nothing, also where only its gate or threshold silences it", () => {
    // latent 2 of the gated one has a magnitude above 0 behind a shut gate; latent 3 here lies below the JumpReLU threshold
    const row = Float32Array.of(2, 1, -0.25, architecture === "jumprelu" ? 0.25 : -0.25);
    const edits: ClampEdit[] = [2, 3].map((latent) => ({ kind: "clamp", sae: "s", latent, value: 0 }));
    const { plan, apply } = planOf({ dictionary, edits });
    const rows = Float32Array.from(row);
    apply(rows);
    expect(rows).toEqual(row);
    expect(
      plan.receipt().edits.map(({ rowsChanged, meanValueAfter }) => [rowsChanged, meanValueAfter]),
    ).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  test("a few latents read by the reader are the dictionary's values", () => {
    const reader = new LatentReader({ dictionary, threads: 1 });
    reader.prepare([3, 0]);
    const rows = Float32Array.of(0, 0, 0, 0, ...h);
    const read = reader.read({ rows, indexes: [1], latents: [3, 0] });
    expect([...read]).toEqual([3, 0].map((latent) => latentValue({ dictionary, row: h, latent })));
  });
});

test("a latent that does not exist is met before anything is applied", () => {
  const edits: ClampEdit[] = [{ kind: "clamp", sae: "s", latent: 4, value: 0 }];
  expect(() => planOf({ dictionary: dictionaryOf("gated"), edits })).toThrow(/no latent 4/);
});
