/** A data set from nothing but the model: its starts are steered and masked, and a run that was cut off ends as if it had not been. */
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeOwnDataset } from "../../src/finetune/data/make-own-dataset.ts";
import { readMeta } from "../../src/finetune/data/meta.ts";
import { answerOf } from "../../src/finetune/data/record.ts";
import { readDataset } from "../../src/finetune/train/read-dataset.ts";
import { splitRestarts } from "../../src/judge/restart-splitter.ts";
import { loadPrompts } from "../../src/latents/prompt-set.ts";
import { assetPath } from "../../src/sae/asset-path.ts";
import { labelsFile, readLabels } from "../../src/sae/labels.ts";
import { openDictionary } from "../../src/sae/open-dictionary.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { openEngine } from "./support/engine.ts";

const SAE = assetPath("smollm2-135m/sae/smollm2-135m-instruct.l15.8k");

test("examples are sound, nothing of evaluation is in them, and a cut-off run is completed to the same file", async () => {
  await using folder = await temporaryFolder();
  const engine = await openEngine({ weights: "fast", slots: 16, contextPerSlot: 256 });
  const dictionary = await openDictionary({ path: SAE });
  try {
    const file = join(folder.path, "data.jsonl");
    const prompts = (await loadPrompts({ path: assetPath("prompts/training.txt") })).slice(0, 6);
    const settings = {
      engine,
      dictionary,
      layer: 15,
      file,
      prompts,
      evaluationPrompts: await loadPrompts({ path: assetPath("prompts/evaluation.txt") }),
      labels: readLabels({ path: labelsFile({ path: SAE }) ?? "" }),
      latents: 20,
      doses: [0.55],
      borrowed: 0,
      long: 0,
      selfCorrections: 1,
      normal: 2,
      validation: 0.2,
      seed: 1,
    };
    const meta = await makeOwnDataset(settings);
    const text = await readFile(file, "utf8");
    const { records } = await readDataset({ file });
    expect(await readMeta({ file })).toEqual(meta);
    expect(records.length).toBeGreaterThanOrEqual(2);
    for (const record of records) {
      const answer = answerOf(record);
      expect(answer).toMatch(/[.!?]["'”’)*]*$/u);
      expect(splitRestarts(answer).attempts).toHaveLength(record.kind === "normal" ? 1 : 2);
      expect(meta.prompts[record.split]).toContain(record.prompt);
      if (record.kind === "normal") continue;
      expect(record.segments.map(({ trained }) => trained)).toEqual([false, true]);
      expect(meta.latents.training).toContain(record.steering?.latent);
      expect(meta.latents.evaluation).not.toContain(record.steering?.latent);
    }
    await rm(file);
    const work = join(folder.path, "data.work");
    for (const name of await readdir(work)) {
      const kept = await readFile(join(work, name), "utf8");
      await writeFile(join(work, name), kept.slice(0, Math.floor(kept.length * 0.7)));
    }
    await makeOwnDataset(settings);
    expect(await readFile(file, "utf8")).toBe(text);
  } finally {
    await engine.close();
    dictionary.close();
  }
}, 600_000);
