import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { CONTEXTS_FILE, type LatentContexts, readContexts, writeContexts } from "./contexts-file.ts";

const contexts = (index: number): LatentContexts => ({
  index,
  top: [
    {
      tokens: ["<|im_start|>", " a", "\u2028", " cat"],
      activations: [0, 0, 1.25, 7.5],
      peak: 3,
      value: 7.5,
      position: 40,
      topic: "pets",
    },
  ],
  sample: [],
});

async function written(folder: string): Promise<string> {
  const path = join(folder, CONTEXTS_FILE);
  await writeContexts({ path, latents: [1, 12, 2].map((index) => ({ contexts: contexts(index) })) });
  return path;
}

test("the contexts of a latent come back as they were written", async () => {
  await using folder = await temporaryFolder();
  await written(folder.path);
  for (const latent of [1, 2, 12]) {
    expect(await readContexts({ folder: folder.path, latent })).toEqual(contexts(latent));
  }
  expect(await readContexts({ folder: folder.path, latent: 3 })).toBe(null);
});

test("no file is no contexts, and a damaged one is refused", async () => {
  await using folder = await temporaryFolder();
  expect(await readContexts({ folder: folder.path, latent: 1 })).toBe(null);
  await writeFile(join(folder.path, CONTEXTS_FILE), "no gzip");
  await expect(readContexts({ folder: folder.path, latent: 1 })).rejects.toMatchObject({
    code: "SAE_UNREADABLE",
  });
});
