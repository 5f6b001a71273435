/** `latents label`, `find` and `show` together, on the default model and a few documents. */
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { readLabels } from "../../src/sae/labels.ts";
import { openDictionary } from "../../src/sae/open-dictionary.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { runCli } from "./support/cli.ts";

const DOCUMENTS = [
  {
    kind: "chat",
    topic: "castle",
    prompt: "What is a castle?",
    response: "A castle is a fortified building of stone.",
  },
  {
    kind: "chat",
    topic: "dragon",
    prompt: "What is a dragon?",
    response: "A dragon is a creature of myths that breathes fire.",
  },
  {
    kind: "text",
    topic: "bread",
    text: "Bread is baked from flour, water and yeast. Bread is eaten with butter.",
  },
];

const shown = z.object({
  label: z.object({
    promoted: z.array(z.string()),
    topWords: z.array(z.object({ word: z.string(), share: z.number() })),
  }),
  contexts: z.object({
    top: z.array(
      z.object({
        tokens: z.array(z.string()),
        activations: z.array(z.number()),
        peak: z.number(),
        value: z.number(),
      }),
    ),
  }),
  neighbours: z.array(z.object({ latent: z.number(), cosine: z.number() })),
});

async function json(args: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await runCli({ args: [...args, "--json"] });
  if (code !== 0) throw new Error(`exit code ${code}: ${stdout}${stderr}`);
  return JSON.parse(stdout);
}

it("labels every latent from one reading, finds the one that fires on a word, and shows where", async () => {
  await using folder = await temporaryFolder();
  const sae = folder.path;
  const shipped = openDictionary({ path: "smollm2-135m-instruct.l15.8k" });
  shipped.close();
  for (const name of ["cfg.json", "sae_weights.safetensors"]) {
    await symlink(join(shipped.path, name), join(sae, name));
  }
  const docs = join(sae, "docs.jsonl");
  await writeFile(docs, DOCUMENTS.map((document) => `${JSON.stringify(document)}\n`).join(""));

  expect(await json(["latents", "label", "--sae", sae, "--docs", docs])).toMatchObject({
    documents: 3,
    latents: 8192,
    promoted: true,
    llm: null,
  });
  const labels = readLabels({ path: join(sae, "labels.jsonl.gz"), latents: shipped.latents });
  expect(labels.map(({ index }) => index)).toEqual(Array.from({ length: 8192 }, (_, i) => i));
  // TopK fires exactly so many on each of the tokens that count
  expect(labels.reduce((sum, { frequency }) => sum + frequency, 0)).toBeCloseTo(32, 1);

  const found = z
    .object({ latents: z.array(z.object({ index: z.number(), label: z.string() })) })
    .parse(await json(["latents", "bread", "--sae", sae]));
  const [first] = found.latents;
  expect(first?.label).toContain("Bread");
  const { label, contexts, neighbours } = shown.parse(
    await json(["latents", "show", String(first?.index), "--sae", sae]),
  );
  expect(label.promoted).toHaveLength(5);
  for (const { tokens, activations, peak, value } of contexts.top) {
    expect(activations).toHaveLength(tokens.length);
    expect(activations[peak]).toBeGreaterThan(0);
    expect(Math.max(...activations)).toBeLessThan(value * 1.01);
  }
  expect(neighbours.map(({ cosine }) => cosine)).toEqual(
    neighbours.map(({ cosine }) => cosine).toSorted((a, b) => b - a),
  );
});
