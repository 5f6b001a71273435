import { describe, expect, it } from "vitest";
import { manifestRecord } from "../../test/support/run-records.ts";
import { isCode } from "../errors.ts";
import { assertComparable, COMPARED_FIELDS, type ComparedField } from "./comparable.ts";
import type { Manifest } from "./manifest.ts";

const base = manifestRecord();
const CHANGES: Record<ComparedField, Partial<Manifest>> = {
  decoding: { sampling: { ...base.sampling, temperature: 1 } },
  template: { templateHash: "other" },
  layer: { layer: 16 },
  judge: { judge: { ...base.judge, hash: "other" } },
  prompts: { prompts: { ...base.prompts, evaluation: "other" } },
  target: { target: 50 },
  model: { model: { ...base.model, fileHash: "other" } },
  weights: { model: { ...base.model, weightType: "f32" } },
  sae: { sae: null },
};

/** Names the runs a, b, c... */
function compare(manifests: Manifest[], allow?: readonly string[] | boolean) {
  const named = manifests.map((manifest, i) => ({ name: String.fromCharCode(97 + i), manifest }));
  return assertComparable({ manifests: named, ...(allow === undefined ? {} : { allow }) });
}

function refusal(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return null;
}

describe("unequal arms do not compare", () => {
  it("compares runs that differ in nothing that matters", () => {
    const other = manifestRecord({
      seed: 2,
      createdAt: "2027-01-01T00:00:00.000Z",
      gitCommit: "abc",
      engine: { workers: 8 },
      model: { ...base.model, path: "/elsewhere.gguf" },
      sampling: { stop: [], topP: 1, temperature: 0.6 },
    });
    expect(compare([base, other])).toEqual([]);
  });

  it.each(COMPARED_FIELDS)("refuses runs of unequal %s, with both values", (field) => {
    const error = refusal(() => compare([base, manifestRecord(CHANGES[field])]));
    if (!isCode(error, "RUNS_UNEQUAL")) {
      expect.fail(`not refused: ${String(error)}`);
    }
    expect(error.facts).toMatchObject({ differences: [{ field }] });
    expect(error.what).toContain(field);
    expect(error.what).toMatch(/ in a, .* in b/);
  });

  it("finds the one run among many that differs", () => {
    expect(
      isCode(
        refusal(() => compare([base, base, manifestRecord({ layer: 2 })])),
        "RUNS_UNEQUAL",
      ),
    ).toBe(true);
  });

  it.each(COMPARED_FIELDS)("lets %s differ when allowed, and says so", (field) => {
    const other = manifestRecord(CHANGES[field]);
    expect(compare([base, other], [field])).toMatchObject([{ field }]);
    expect(compare([base, other], true)).toMatchObject([{ field }]);
  });

  it("an allowed difference does not excuse another", () => {
    const other = manifestRecord({ layer: 16, target: 50 });
    const error = refusal(() => compare([base, other], ["layer"]));
    if (!isCode(error, "RUNS_UNEQUAL")) {
      expect.fail(`not refused: ${String(error)}`);
    }
    expect(error.facts).toEqual({
      differences: [
        {
          field: "target",
          values: [
            { name: "a", value: 30 },
            { name: "b", value: 50 },
          ],
        },
      ],
    });
  });

  it("refuses to allow a field that is not compared", () => {
    expect(
      isCode(
        refusal(() => compare([base, base], ["temprature"])),
        "CONFIG_INVALID",
      ),
    ).toBe(true);
  });
});
