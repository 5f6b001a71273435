import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { assetPath } from "./asset-path.ts";
import { LABELS_FILE, type Label, labelsFile, readLabels, writeLabels } from "./labels.ts";

const folder = mkdtempSync(join(tmpdir(), "labels-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, "labels.jsonl");

function line(fields: Record<string, unknown> = {}): string {
  return JSON.stringify({
    index: 0,
    label: "castle",
    frequency: 0.01,
    max_activation: 3,
    mean_activation: 1,
    top_tokens: [" castle"],
    top_topics: ["fort"],
    ...fields,
  });
}

test("the shipped labels name each latent once", () => {
  const labels = readLabels({
    path: assetPath("smollm2-135m/sae/smollm2-135m-instruct.l15.8k/labels.jsonl.gz"),
    latents: 8192,
  });
  expect(labels.map(({ index }) => index)).toEqual(Array.from({ length: 8192 }, (_, i) => i));
  expect(labels.every(({ concreteness, frequency }) => concreteness !== null && frequency > 0)).toBe(true);
});

test("a rating is kept, and its absence is null", () => {
  writeFileSync(path, `${line({ concreteness: 80 })}\n${line({ index: 1 })}\n`);
  expect(readLabels({ path }).map(({ concreteness }) => concreteness)).toEqual([80, null]);
});

test.each([
  ["not JSON", "{", /Line 2 is not JSON/],
  ["a missing field", line({ index: 1, top_tokens: undefined }), /Line 2 is not a label/],
  ["a rating above 100", line({ index: 1, concreteness: 101 }), /Line 2 is not a label/],
  ["a latent named twice", line(), /Line 2 repeats latent 0 of line 1/],
  ["a latent that the SAE lacks", line({ index: 9 }), /Line 2 names latent 9 of 9/],
])("%s is refused with its line", (_, bad, why) => {
  writeFileSync(path, `${line()}\n${bad}\n`);
  expect(() => readLabels({ path, latents: 9 })).toThrow(why);
  expect(() => readLabels({ path, latents: 9 })).toThrow(
    expect.objectContaining({ code: "SAE_UNREADABLE", facts: expect.objectContaining({ line: 2 }) }),
  );
});

test("a missing file is refused", () => {
  expect(() => readLabels({ path: join(folder, "none") })).toThrow(
    expect.objectContaining({ code: "SAE_UNREADABLE" }),
  );
});

describe("writing", () => {
  const bare: Label = {
    index: 3,
    label: "castle",
    frequency: 0.01234,
    maxActivation: 3.5,
    meanActivation: 1,
    topTokens: [" castle"],
    topTopics: [],
    concreteness: null,
  };
  const full: Label = {
    ...bare,
    index: 4,
    concreteness: 88,
    topWords: [{ word: "castle", share: 0.75 }],
    coherence: 0.12,
    about: ["moat"],
    promoted: [" wall"],
    suppressed: ["\u2028"],
    source: "llm",
    detection: 0.9,
  };

  test.each(["labels.jsonl", "labels.jsonl.gz"])("what is written to %s is read back", async (name) => {
    const file = join(folder, name);
    await writeLabels({ path: file, labels: [bare, full] });
    expect(readLabels({ path: file })).toEqual([bare, full]);
  });

  test("labels are found beside a folder or a file, the written ones first", async () => {
    const sae = mkdtempSync(join(folder, "sae-"));
    expect(labelsFile({ path: sae })).toBe(null);
    writeFileSync(join(sae, "labels.jsonl"), "");
    writeFileSync(join(sae, "params.npz"), "");
    expect(labelsFile({ path: join(sae, "params.npz") })).toBe(join(sae, "labels.jsonl"));
    await writeLabels({ path: join(sae, LABELS_FILE), labels: [bare] });
    expect(labelsFile({ path: sae })).toBe(join(sae, LABELS_FILE));
  });

  test("a gzipped file that is cut short is refused", async () => {
    const file = join(folder, "cut.jsonl.gz");
    await writeLabels({ path: file, labels: [bare, full] });
    writeFileSync(file, readFileSync(file).subarray(0, 40));
    expect(() => readLabels({ path: file })).toThrow(expect.objectContaining({ code: "SAE_UNREADABLE" }));
  });
});
