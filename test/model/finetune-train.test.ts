/**
 * `countersteer finetune train`, the real program on the real model at a tiny setting. Whatever stops it (kill -9, Ctrl-C), the same command
 * again ends with the adapter that it would have had: the files are the same to the last bit.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { recordSchema } from "../../src/finetune/data/record.ts";
import { type FinetuneSummary, summarySchema } from "../../src/finetune/train/summary.ts";
import { tokeniseRecords } from "../../src/finetune/train/tokenise-records.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { TINY_METADATA, tinyGguf, tinyTensors } from "../support/tiny-gguf.ts";
import { type CliResult, type RunningCli, runCli, startCli } from "./support/cli.ts";
import { openEngine, scoreOne } from "./support/engine.ts";

const STEPS = 8;
const RECIPE = `
lora: { rank: 4, alpha: 8, dropout: 0.1, matrices: [attn_q, attn_output, ffn_down], layers: [12, 29] }
train: { steps: ${STEPS}, epochs: 20, batch: 3, maxRows: 160, warmUpSteps: 2, learningRate: 0.005, checkpointEvery: 2 }
validation: { every: 3, examples: 2, patience: null }
steer: { mode: both, latents: [5, 9], strength: [10, 30] }
`;
const ADAPTER = ["adapter_model.safetensors", "adapter.gguf"];

let folder: TemporaryFolder;
let whole: string;
let wholeResult: CliResult;

function inFolder(name: string): string {
  return path.join(folder.path, name);
}

function argsOf(dir: string, more: string[] = []): string[] {
  const files = ["--recipe", inFolder("recipe.in.yaml"), "--data", inFolder("data.jsonl")];
  return ["finetune", "train", "--out", dir, ...files, ...machine(), ...more];
}

function machine(): string[] {
  return ["--json", "--cache-dir", inject("cacheDir")];
}

function summaryOf({ stdout }: CliResult): FinetuneSummary {
  return summarySchema.parse(JSON.parse(stdout));
}

async function hashesOf(dir: string): Promise<string[]> {
  return Promise.all(
    ADAPTER.map(async (name) =>
      createHash("sha256")
        .update(await readFile(path.join(dir, name)))
        .digest("hex"),
    ),
  );
}

async function logOf(dir: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(path.join(dir, "train-log.jsonl"), "utf8").catch(() => "");
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  return lines.filter((line) => line !== "").map((line) => ({ ...JSON.parse(line), at: null }));
}

async function checkpointsOf(dir: string): Promise<string[]> {
  const names = await readdir(path.join(dir, "checkpoints")).catch(() => []);
  return names.filter((name) => /^checkpoint-\d+\.safetensors$/.test(name));
}

/** Waits until the running training fulfils it; false if it ended before. */
async function reaches(run: RunningCli, fulfilled: () => Promise<boolean>): Promise<boolean> {
  let ended = false;
  void run.ended.then(() => {
    ended = true;
  });
  while (!ended) {
    if (await fulfilled()) return true;
    await setTimeout(5);
  }
  return false;
}

function recordOf(i: number): Record<string, unknown> {
  const noun = ["lighthouse", "violin", "glacier", "bakery", "comet", "harbour"][i % 6];
  const correction = i % 2 === 0;
  return {
    id: `r${i}`,
    kind: correction ? "self-correction" : "normal",
    prompt: `What is a ${noun}?`,
    segments: [
      ...(correction ? [{ text: "Dragons guard gold in caves of ice.", trained: false }] : []),
      { text: `${correction ? " Wait, that's off topic. " : ""}A ${noun} is number ${i}.`, trained: true },
    ],
    split: i < 10 ? "train" : "validation",
    ...(i === 0 ? { steering: { latent: 7, strength: 20 } } : {}),
  };
}

function linesOf(records: unknown[]): string {
  return `${records.map((record) => JSON.stringify(record)).join("\n")}\n`;
}

const RECORDS = Array.from({ length: 12 }, (_, i) => recordOf(i));

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeFile(inFolder("recipe.in.yaml"), RECIPE);
  await writeFile(inFolder("data.jsonl"), linesOf(RECORDS));
  whole = inFolder("whole");
  wholeResult = await runCli({ args: argsOf(whole) });
  expect(wholeResult.code, wholeResult.stdout + wholeResult.stderr).toBe(0);
});

afterAll(() => folder[Symbol.asyncDispose]());

test("a training lowers the loss on examples that it was not trained on, and says what it did", () => {
  const summary = summaryOf(wholeResult);
  const [before, ...after] = summary.validations;
  expect(before?.step).toBe(0);
  expect(Math.min(...after.map(({ all }) => all))).toBeLessThan(0.8 * (before?.all ?? 0));
  expect(summary).toMatchObject({
    steps: STEPS,
    finished: "end",
    examples: { selfCorrections: 5, normal: 5, validation: 2, skipped: [] },
    steer: { mode: "both", latents: [5, 9], layer: 15 },
  });
  expect(summary.losses).toHaveLength(STEPS);
  // two blocks of a model of width 576 and feed-forward width 1536, in rank 4
  expect(summary.parameters).toBe(2 * 4 * (2 * (576 + 576) + (1536 + 576)));
});

test("the log has every step and measurement once", async () => {
  const log = await logOf(whole);
  const steps = log.flatMap((line) => (line.event === "step" ? [line.step] : []));
  expect(steps).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
  const measured = log.flatMap((line) => (line.event === "validation" ? [line.step] : []));
  expect(measured).toEqual([0, 3, 6, STEPS]);
});

test("the engine with the adapter finds the loss that the training measured, far from that of the model alone", async () => {
  const records = RECORDS.map((record) => recordSchema.parse(record));
  const engine = await openEngine({ slots: 2 });
  try {
    const examples = await tokeniseRecords({ engine, records });
    // the only validation example that nothing steers, whatever is drawn
    const example = examples.find(({ id }) => id === "r10");
    if (example === undefined) throw new Error("no example r10");
    const lossOf = async (more: { adapter?: string }) => {
      const logProbs = await scoreOne(engine, { tokens: example.tokens, from: 1, ...more });
      const scored = [...logProbs].filter((_value, i) => example.trained[i + 1] === 1);
      return -scored.reduce((sum, value) => sum + value, 0) / scored.length;
    };
    const { validations, keptStep } = summaryOf(wholeResult);
    const [first, kept] = [0, keptStep].map((step) => validations.find((each) => each.step === step));
    const [base, adapted] = [await lossOf({}), await lossOf({ adapter: path.join(whole, "adapter.gguf") })];
    const [wantedBase, wanted] = [first?.selfCorrection ?? 0, kept?.selfCorrection ?? 0];
    expect(Math.abs(base - wantedBase)).toBeLessThan(0.05 * wantedBase);
    expect(Math.abs(adapted - wanted)).toBeLessThan(0.05 * wanted);
    expect(adapted).toBeLessThan(0.8 * base);
  } finally {
    await engine.close();
  }
});

test("killed after its first checkpoint, and once more, the same command ends with the same adapter bit for bit", async () => {
  const dir = inFolder("killed");
  for (const wanted of [1, 5]) {
    const run = startCli({ args: argsOf(dir) });
    const reached = await reaches(run, async () => {
      const steps = (await logOf(dir)).filter(({ event }) => event === "step").length;
      return (await checkpointsOf(dir)).length > 0 && steps >= wanted;
    });
    run.child.kill("SIGKILL");
    await run.ended;
    expect(reached).toBe(true);
  }
  const resumed = await runCli({ args: argsOf(dir) });
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(await hashesOf(dir)).toEqual(await hashesOf(whole));
  expect(await logOf(dir)).toEqual(await logOf(whole));
  expect(summaryOf(resumed).losses).toEqual(summaryOf(wholeResult).losses);
});

test("Ctrl-C keeps every finished step; the folder alone goes on; a finished training is not trained again", async () => {
  const dir = inFolder("interrupted");
  const run = startCli({ args: argsOf(dir) });
  expect(await reaches(run, async () => (await logOf(dir)).some(({ step }) => step === 3))).toBe(true);
  run.child.kill("SIGINT");
  const { code, stderr, stdout } = await run.ended;
  expect(code, stderr).toBe(130);
  expect(stderr).toContain(`countersteer finetune train --out ${dir}`);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "ABORTED" } });
  const resumed = await runCli({ args: ["finetune", "train", "--out", dir, ...machine()] });
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(await hashesOf(dir)).toEqual(await hashesOf(whole));
  const again = await runCli({ args: argsOf(dir) });
  expect(summaryOf(again)).toEqual(summaryOf(resumed));
});

test("a loss that overflows ends the training by its code before a weight changes; the checkpoint stays", async () => {
  const dir = inFolder("diverged");
  const more = ["--steer", "steer", "--steer-strength", "1e300", "--steps", "4"];
  const { code, stdout, stderr } = await runCli({ args: argsOf(dir, more) });
  expect(code, stderr).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "FINETUNE_DIVERGED" } });
  expect(await readdir(dir)).not.toContain("adapter.gguf");
});

test("examples that are too long are left out on request, and counted", async () => {
  const dir = inFolder("skipped");
  const answer = [{ text: "very ".repeat(400), trained: true }];
  await writeFile(
    inFolder("long.jsonl"),
    linesOf([...RECORDS, { ...recordOf(1), id: "long", segments: answer }]),
  );
  const args = argsOf(dir, [
    "--data",
    inFolder("long.jsonl"),
    "--skip-long",
    "--steps",
    "1",
    "--ratio",
    "50",
  ]);
  const { code, stdout, stderr } = await runCli({ args });
  expect(code, stderr).toBe(0);
  const summary = summarySchema.parse(JSON.parse(stdout));
  expect(summary.examples.skipped).toEqual(["long"]);
  expect(summary.mix).toEqual({ ratio: 50, selfCorrections: 2, normal: 2, actual: 50 });
  expect(stderr).toContain("mix: 2 self-corrections and 2 normal answers");
});

const refusals: [string, string, () => Promise<string[]>][] = [
  ["going on with another rank", "RUNS_UNEQUAL", async () => argsOf(whole, ["--rank", "5"])],
  [
    "going on with other data",
    "RUNS_UNEQUAL",
    async () => {
      await writeFile(inFolder("other.jsonl"), linesOf(RECORDS.slice(0, 11)));
      return argsOf(whole, ["--data", inFolder("other.jsonl")]);
    },
  ],
  ["data that are not there", "CONFIG_INVALID", async () => argsOf(inFolder("n"), ["--data", "/none.jsonl"])],
  [
    "data without examples",
    "CONFIG_INVALID",
    async () => {
      await writeFile(inFolder("empty.jsonl"), "\n");
      return argsOf(inFolder("e"), ["--data", inFolder("empty.jsonl")]);
    },
  ],
  [
    "a mask that covers a whole answer",
    "CONFIG_INVALID",
    async () => {
      const masked = { ...recordOf(0), segments: [{ text: "Dragons.", trained: false }] };
      await writeFile(inFolder("masked.jsonl"), linesOf([masked]));
      return argsOf(inFolder("m"), ["--data", inFolder("masked.jsonl")]);
    },
  ],
  [
    "an architecture that it can't adapt",
    "MODEL_UNSUPPORTED",
    async () => {
      const file = inFolder("other.gguf");
      const metadata = { ...TINY_METADATA, "general.architecture": "gpt2" };
      await writeFile(file, tinyGguf({ metadata, tensors: tinyTensors() }));
      return argsOf(inFolder("a"), ["--model", file]);
    },
  ],
  ["examples that are too long", "CONTEXT_OVERFLOW", async () => argsOf(inFolder("x"), ["--max-rows", "20"])],
  [
    "a block that the model lacks",
    "LAYER_OUT_OF_RANGE",
    async () => argsOf(inFolder("b"), ["--layers", "30"]),
  ],
  [
    "a latent that the SAE lacks",
    "LATENT_UNKNOWN",
    async () => argsOf(inFolder("l"), ["--steer-latents", "99999"]),
  ],
  [
    "a folder with another adapter",
    "RUN_EXISTS",
    async () => {
      const dir = inFolder("foreign");
      await mkdir(dir, { recursive: true });
      await writeFile(path.join(dir, "adapter_config.json"), "{}");
      return argsOf(dir);
    },
  ],
];

test.each(refusals)("refuses %s with %s, and trains nothing", async (_, expected, args) => {
  const given = await args();
  const { code, stdout, stderr } = await runCli({ args: given });
  expect(code, stderr).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: expected } });
  const dir = given[given.indexOf("--out") + 1] ?? "";
  if (dir !== whole) expect(await readdir(dir).catch(() => [])).not.toContain("adapter.gguf");
});
