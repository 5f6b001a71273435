/** `countersteer sae evaluate` as a person runs it. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { runCli } from "./support/cli.ts";
import { writePerfect } from "./support/dictionaries.ts";

const Result = z.looseObject({
  rows: z.number(),
  crossEntropy: z.looseObject({ documents: z.number() }),
  dictionaries: z.array(
    z.looseObject({
      dictionary: z.looseObject({ path: z.string(), latents: z.number() }),
      explainedVariance: z.looseObject({ estimate: z.number() }),
    }),
  ),
});
let folder = "";
let docs = "";
let perfect = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersteer-cli-evaluate-"));
  perfect = await writePerfect({ folder: join(folder, "perfect"), size: 576 });
  docs = join(folder, "docs.jsonl");
  const line = { kind: "chat", prompt: "What is tea?", response: "Tea is a drink made of leaves." };
  await writeFile(
    docs,
    `${JSON.stringify(line)}\n${JSON.stringify({ kind: "text", text: line.response })}\n`,
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function evaluate(...args: string[]) {
  const machine = ["--weights", "fast", "--workers", "1", "--threads", "1", "--context", "128"];
  return runCli({ args: ["sae", "evaluate", "--docs", docs, ...machine, ...args] });
}

it("prints JSON with a column for each dictionary, and writes a line for each latent", async () => {
  const file = join(folder, "latents.jsonl");
  const args = ["--against", perfect, "--allow-layer-mismatch", "--per-latent", file, "--json"];
  const { code, stdout, stderr } = await evaluate(...args);
  expect(stderr).not.toContain("error");
  expect(code).toBe(0);
  const json: unknown = JSON.parse(stdout);
  const result = Result.parse(json);
  expect(result.crossEntropy.documents).toBe(2);
  expect(result.dictionaries).toHaveLength(2);
  const [shipped, exact] = result.dictionaries;
  expect(shipped?.explainedVariance.estimate).toBeLessThan(exact?.explainedVariance.estimate ?? 0);
  expect(exact?.explainedVariance.estimate).toBeCloseTo(1, 5);
  const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
  expect(lines).toHaveLength(
    result.dictionaries.reduce((sum, { dictionary }) => sum + dictionary.latents, 0),
  );
});

it("prints a table, without the loss where none is asked for", async () => {
  const { code, stdout } = await evaluate("--ce-documents", "0");
  expect(code).toBe(0);
  expect(stdout).toContain("explained variance");
  expect(stdout).not.toContain("CE recovered");
});

it("refuses a dictionary of another layer", async () => {
  const { code, stderr } = await evaluate("--layer", "3");
  expect(code).not.toBe(0);
  expect(stderr).toContain("SAE_MISMATCH");
});
