/**
 * `countersteer sae train`, the real program at tiny sizes. Whatever stops it (Ctrl-C, kill -9 of the program or of an engine process), it
 * ends with the weights that it would have had: the file is the same to the last bit.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { summarySchema } from "../../src/activations/train/summary.ts";
import { encodeRows } from "../../src/sae/encode.ts";
import { openDictionary } from "../../src/sae/open-dictionary.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { type CliResult, descendants, type RunningCli, runCli, startCli } from "./support/cli.ts";

const STEPS = 24;
const BATCH = 128;
const RECIPE = `
layer: 3
context: 48
blockRows: 400
checkpointEvery: ${2 * BATCH}
heldOut: { share: 0.2, rows: 300, every: ${4 * BATCH} }
train: { latents: 256, k: 8, batchRows: ${BATCH}, totalRows: ${STEPS * BATCH}, warmUpSteps: 4 }
`;

let folder: TemporaryFolder;
/** Folder of a training that nothing stopped. */
let whole: string;
let wholeResult: CliResult;

function inFolder(name: string): string {
  return path.join(folder.path, name);
}

function argsOf(dir: string, more: string[] = []): string[] {
  const files = ["--config", inFolder("recipe.in.yaml"), "--docs", inFolder("corpus.jsonl")];
  return ["sae", "train", "--out", dir, ...files, ...machine(), ...more];
}

function resumeArgs(dir: string): string[] {
  return ["sae", "train", "--out", dir, "--resume", ...machine()];
}

function machine(): string[] {
  return ["--json", "--cache-dir", inject("cacheDir")];
}

async function weightsOf(dir: string): Promise<string> {
  const bytes = await readFile(path.join(dir, "sae_weights.safetensors"));
  return createHash("sha256").update(bytes).digest("hex");
}

const stepSchema = z.object({ event: z.literal("step"), step: z.number(), fvu: z.number() });

/** Steps in the log so far. */
async function stepsOf(dir: string): Promise<z.infer<typeof stepSchema>[]> {
  const text = await readFile(path.join(dir, "log.jsonl"), "utf8").catch(() => "");
  return text.split("\n").flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line);
      return stepSchema.safeParse(value).data ?? [];
    } catch {
      return [];
    }
  });
}

/** Waits until a running training has logged so many steps; false if it ended before. */
async function reaches({
  run,
  dir,
  steps,
}: {
  run: RunningCli;
  dir: string;
  steps: number;
}): Promise<boolean> {
  let ended = false;
  void run.ended.then(() => {
    ended = true;
  });
  while (!ended) {
    if ((await stepsOf(dir)).length >= steps) return true;
    await setTimeout(5);
  }
  return false;
}

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeFile(inFolder("recipe.in.yaml"), RECIPE);
  const nouns = ["lighthouse", "violin", "glacier", "bakery", "comet", "harbour", "tractor", "orchid"];
  const documents = nouns.flatMap((noun) =>
    ["What is it?", "Tell me a story about it.", "How is it made?"].map((prompt, i) => ({
      kind: "chat",
      topic: noun,
      prompt: `${noun}. ${prompt}`,
      response: `The ${noun} is number ${i}. ${`Everybody who has seen a ${noun} talks about it for days. `.repeat(3)}`,
    })),
  );
  await writeFile(inFolder("corpus.jsonl"), documents.map((each) => JSON.stringify(each)).join("\n"));
  whole = inFolder("whole");
  wholeResult = await runCli({ args: argsOf(whole) });
  expect(wholeResult.code, wholeResult.stderr).toBe(0);
});

afterAll(() => folder[Symbol.asyncDispose]());

test("a training ends with a dictionary that opens, whose numbers are those that were printed", async () => {
  const summary = summarySchema.parse(JSON.parse(wholeResult.stdout));
  expect(summary).toMatchObject({ latents: 256, k: 8, layer: 3, steps: STEPS, rows: STEPS * BATCH });
  expect(summary.heldOut?.rows).toBeGreaterThan(0);
  expect(summary.heldOut?.fvu).toBeGreaterThan(0);
  expect(summary.heldOut?.fvu).toBeLessThan(1);
  const dictionary = openDictionary({ path: whole });
  try {
    expect(dictionary).toMatchObject({ architecture: "topk", latents: 256, k: 8, layer: 3, dModel: 576 });
    const rows = Float32Array.from({ length: 2 * 576 }, (_, i) => Math.sin(i));
    const active = encodeRows({ dictionary, rows }).filter((value) => value > 0).length;
    expect(active).toBeGreaterThan(0);
    expect(active).toBeLessThanOrEqual(2 * 8);
  } finally {
    dictionary.close();
  }
});

test("the log has every step once, and the error falls", async () => {
  const steps = await stepsOf(whole);
  expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
  expect(steps.at(-1)?.fvu).toBeLessThan(0.8 * (steps[0]?.fvu ?? 0));
});

test("the recipe in the folder makes the same dictionary, and says what it was made of", async () => {
  const recipe: unknown = parse(await readFile(path.join(whole, "recipe.yaml"), "utf8"));
  expect(recipe).toMatchObject({
    layer: 3,
    provenance: {
      model: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), weightMode: "fast" },
      engine: { llamaCpp: expect.any(String) },
      documents: [{ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }],
      corpus: { train: { documents: expect.any(Number) }, heldOut: { documents: expect.any(Number) } },
    },
  });
  const again = inFolder("again");
  const args = ["sae", "train", "--out", again, "--config", path.join(whole, "recipe.yaml"), ...machine()];
  const { code, stderr } = await runCli({ args: [...args, "--workers", "1", "--threads", "1"] });
  expect(code, stderr).toBe(0);
  expect(await weightsOf(again)).toBe(await weightsOf(whole));
});

test("killed again and again, the program or an engine process, it ends with the same weights", async () => {
  const dir = inFolder("killed");
  let kills = 0;
  let engineKills = 0;
  for (const [i, steps] of [2, 5, 9, 14, 20].entries()) {
    const begun = i > 0;
    const run = startCli({ args: begun ? resumeArgs(dir) : argsOf(dir) });
    if (!(await reaches({ run, dir, steps }))) break;
    const pid = run.child.pid ?? 0;
    const [engine] = descendants(pid);
    if (i % 2 === 1 && engine !== undefined) {
      process.kill(engine, "SIGKILL");
      engineKills += 1;
      await reaches({ run, dir, steps: steps + 2 });
    }
    run.child.kill("SIGKILL");
    await run.ended;
    kills += 1;
  }
  expect(kills).toBeGreaterThanOrEqual(3);
  expect(engineKills).toBeGreaterThan(0);
  const { code, stderr, stdout } = await runCli({ args: resumeArgs(dir) });
  expect(code, stderr).toBe(0);
  expect(await weightsOf(dir)).toBe(await weightsOf(whole));
  expect((await stepsOf(dir)).map(({ step, fvu }) => [step, fvu])).toEqual(
    (await stepsOf(whole)).map(({ step, fvu }) => [step, fvu]),
  );
  const { heldOut } = summarySchema.parse(JSON.parse(stdout));
  expect(heldOut).toEqual(summarySchema.parse(JSON.parse(wholeResult.stdout)).heldOut);
});

test("Ctrl-C writes a checkpoint and tells how to go on; a finished training changes nothing", async () => {
  const dir = inFolder("interrupted");
  const run = startCli({ args: argsOf(dir) });
  expect(await reaches({ run, dir, steps: 7 })).toBe(true);
  run.child.kill("SIGINT");
  const { code, stderr, stdout } = await run.ended;
  expect(code).toBe(130);
  expect(stderr).toContain(`countersteer sae train --out ${dir} --resume`);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "ABORTED" } });
  const done = (await stepsOf(dir)).length;
  const resumed = await runCli({ args: resumeArgs(dir) });
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(await weightsOf(dir)).toBe(await weightsOf(whole));
  expect(done).toBeLessThan(STEPS);
  const before = await readFile(path.join(dir, "log.jsonl"), "utf8");
  const finished = await runCli({ args: resumeArgs(dir) });
  expect(finished.stdout).toBe(resumed.stdout);
  expect(await readFile(path.join(dir, "log.jsonl"), "utf8")).toBe(before);
});

test("a dictionary trained on cached activations is the one that is trained on the same file without a model", async () => {
  const cache = inFolder("rows.safetensors");
  const first = await runCli({ args: argsOf(inFolder("cached"), ["--cache-activations", cache]) });
  expect(first.code, first.stderr).toBe(0);
  const config = inFolder("from-file.yaml");
  await writeFile(config, RECIPE);
  const args = ["sae", "train", "--out", inFolder("from-file"), "--config", config, "--activations", cache];
  const second = await runCli({ args: [...args, ...machine()] });
  expect(second.code, second.stderr).toBe(0);
  expect(await weightsOf(inFolder("from-file"))).toBe(await weightsOf(inFolder("cached")));
  const [a, b] = [first, second].map(({ stdout }) => summarySchema.parse(JSON.parse(stdout)));
  expect(b?.heldOut).toEqual(a?.heldOut);
  expect(b?.layer).toBe(3);
});

test("BatchTopK trains, and opens as a dictionary with a threshold", async () => {
  const dir = inFolder("batchtopk");
  const { code, stderr, stdout } = await runCli({ args: argsOf(dir, ["--variant", "batchtopk"]) });
  expect(code, stderr).toBe(0);
  const dictionary = openDictionary({ path: dir });
  expect(dictionary.architecture).toBe("jumprelu");
  expect(dictionary.threshold(0)).toBeGreaterThan(0);
  dictionary.close();
  expect(summarySchema.parse(JSON.parse(stdout)).heldOut?.l0).toBeGreaterThan(0);
});

test("without documents the model writes about topics first; stopped among the answers, it goes on with them", async () => {
  const dir = inFolder("generated");
  const corpus = path.join(dir, "corpus.jsonl");
  await writeFile(inFolder("topics.txt"), "anchor\nbarn\ncanoe\ndesert\nengine\nfern\n");
  const config = inFolder("generate.yaml");
  const generate = `generate: { topics: ${inFolder("topics.txt")}, rounds: 2, maxTokens: 40 }`;
  await writeFile(config, `${generate}${RECIPE.replace(/totalRows: \d+/, `totalRows: ${2 * BATCH}`)}`);
  const run = startCli({ args: ["sae", "train", "--out", dir, "--config", config, ...machine()] });
  const ended = run.ended.then(() => true);
  while ((await readFile(corpus, "utf8").catch(() => "")) === "") {
    if (await Promise.race([ended, setTimeout(5, false)])) break;
  }
  run.child.kill("SIGKILL");
  await run.ended;
  const begun = (await readFile(corpus, "utf8")).split("\n")[0] ?? "";
  const { code, stderr } = await runCli({ args: resumeArgs(dir) });
  expect(code, stderr).toBe(0);
  const answers = (await readFile(corpus, "utf8")).trim().split("\n");
  expect(answers).toHaveLength(12);
  expect(answers).toContain(begun);
  openDictionary({ path: dir }).close();
});

const refusals: [string, string, () => Promise<string[]>][] = [
  ["a folder that holds a training", "RUN_EXISTS", async () => argsOf(whole)],
  ["going on where nothing began", "RUN_NOT_FOUND", async () => resumeArgs(inFolder("nothing"))],
  ["going on with other settings", "CONFIG_INVALID", async () => [...resumeArgs(whole), "--k", "9"]],
  [
    "a layer that the model lacks",
    "LAYER_OUT_OF_RANGE",
    async () => argsOf(inFolder("l"), ["--layer", "99"]),
  ],
  ["more active latents than there are", "CONFIG_INVALID", async () => argsOf(inFolder("k"), ["--k", "999"])],
  [
    "a line that is no document",
    "CONFIG_INVALID",
    async () => {
      await writeFile(inFolder("bad.jsonl"), '{"kind":"text","text":"good"}\n{"kind":"text"}\n');
      return ["sae", "train", "--out", inFolder("bad"), "--docs", inFolder("bad.jsonl"), ...machine()];
    },
  ],
  [
    "documents that changed since",
    "RUNS_UNEQUAL",
    async () => {
      const dir = inFolder("changed");
      await mkdir(dir);
      const recipe = await readFile(path.join(whole, "recipe.yaml"), "utf8");
      await writeFile(
        path.join(dir, "recipe.yaml"),
        recipe.replace(/sha256: [0-9a-f]{64}/g, `sha256: ${"a".repeat(64)}`),
      );
      return resumeArgs(dir);
    },
  ],
];

test.each(refusals)("refuses %s with %s, and trains nothing", async (_, expected, args) => {
  const given = await args();
  const { code, stdout } = await runCli({ args: given });
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: expected } });
  const dir = given[given.indexOf("--out") + 1] ?? "";
  const left = await readdir(dir).catch(() => []);
  if (dir !== whole) expect(left).not.toContain("sae_weights.safetensors");
});
