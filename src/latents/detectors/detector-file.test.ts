import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { isCode } from "../../errors.ts";
import { assetPath } from "../../sae/asset-path.ts";
import { detectorLatents, readDetectors } from "./detector-file.ts";

async function readText(text: string) {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "detectors.json");
  await writeFile(path, text);
  return await readDetectors({ path });
}

describe("the published sets", () => {
  const published = () => readDetectors({ path: assetPath("reference/detectors-published-26.json") });
  const shipped = () => readDetectors({ path: assetPath("reference/detectors-shipped-25.json") });

  test("hold 26 and 25 latents, 13 of them in both", async () => {
    const [a, b] = [detectorLatents({ file: await published() }), detectorLatents({ file: await shipped() })];
    expect([a.length, b.length]).toEqual([26, 25]);
    expect(a.filter((latent) => b.includes(latent))).toHaveLength(13);
  });

  test("agree with what is known of the table: the published mean, and 14 latents that are significant", async () => {
    const file = await published();
    if (file.origin !== "reference") throw new Error("not a reference set");
    const rows = file.detectors.map((each) => each.published);
    const mean = rows.reduce((sum, { off }) => sum + Number(off), 0) / rows.length;
    expect(mean).toBeCloseTo(0.0119, 3);
    expect(rows.filter(({ p }) => typeof p === "string" || Number(p) < 0.05)).toHaveLength(14);
  });

  test("mark the same latents as shared", async () => {
    for (const [file, mark] of [
      [await published(), "in_shipped_25"],
      [await shipped(), "in_published_26"],
    ] as const) {
      if (file.origin !== "reference") throw new Error("not a reference set");
      expect(file.detectors.filter((each) => each.published[mark] === true)).toHaveLength(13);
    }
  });

  test("confirm nothing", async () => {
    expect(detectorLatents({ file: await published(), confirmedOnly: true })).toEqual([]);
  });
});

describe("a file from elsewhere", () => {
  test("the reference's own JSON is read with its statistics under their own names", async () => {
    const file = await readText(
      JSON.stringify({
        model_name: "llama",
        prompts_file: "prompts.txt",
        num_prompts: 38,
        activation_threshold: 0,
        off_topic_detectors: [5, 3],
        detector_stats: { 5: { shuffled_mean_activation: 1.5, normal_mean_activation: 0 } },
        normal_responses: { "What?": "\n\nThis." },
      }),
    );
    expect(file).toMatchObject({
      origin: "reference",
      model: "llama",
      detectors: [
        { latent: 5, sign: 1, weight: null, published: { shuffled_mean_activation: 1.5 } },
        { latent: 3, published: {} },
      ],
    });
  });

  test.each([
    ["no JSON", "detectors"],
    ["another object", "{}"],
    ["a latent twice", JSON.stringify({ model_name: "llama", off_topic_detectors: [5, 5] })],
    ["a latent below 0", JSON.stringify({ model_name: "llama", off_topic_detectors: [-1] })],
  ])("%s is refused", async (_, text) => {
    const error = await readText(text).catch((thrown: unknown) => thrown);
    expect(isCode(error, "CONFIG_INVALID")).toBe(true);
  });
});
