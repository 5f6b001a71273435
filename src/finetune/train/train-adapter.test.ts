import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bigramTrainer } from "../../../test/support/bigram-trainer.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { createRng } from "../../stats/rng.ts";
import type { LoraTrainer } from "./lora-trainer.ts";
import { parseRecipe } from "./recipe.ts";
import type { Steer } from "./steer-examples.ts";
import { planSteering } from "./steer-plan.ts";
import { type TrainAdapterOptions, type TrainedAdapter, trainAdapter } from "./train-adapter.ts";
import type { TrainingExample } from "./training-example.ts";

const VOCABULARY = 11;
const STEPS = 13;

let folder: TemporaryFolder;
let folders = 0;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

function newDir(): string {
  folders += 1;
  return path.join(folder.path, String(folders));
}

/** Chains in which a token's successor is nearly always the same. */
function made({ count, stream }: { count: number; stream: number }): TrainingExample[] {
  const rng = createRng({ seed: 5, stream });
  return Array.from({ length: count }, (_, i) => {
    const tokens = new Int32Array(4 + rng.below(9));
    tokens.forEach((_token, at) => {
      const next = ((tokens[at - 1] ?? 0) * 3 + 1) % VOCABULARY;
      tokens[at] = rng.next() < 0.9 ? next : rng.below(VOCABULARY);
    });
    return {
      id: `${stream}-${i}`,
      kind: i % 2 === 0 ? "normal" : "self-correction",
      split: stream === 1 ? "train" : "validation",
      steering: null,
      tokens,
      trained: Uint8Array.from(tokens, (_token, at) => Number(at > 1)),
    };
  });
}

const train = made({ count: 21, stream: 1 });
const validation = made({ count: 8, stream: 2 });

interface Given {
  settings?: Record<string, unknown>;
  dir?: string;
  trainer?: LoraTrainer;
  dropout?: number;
  direction?: Steer["direction"];
  more?: Partial<TrainAdapterOptions>;
}

/** One session; steers normal answers, so that a resumed one has to draw as before. */
function session({
  settings = {},
  dir = newDir(),
  trainer,
  dropout = 0.1,
  direction,
  more = {},
}: Given = {}) {
  const recipe = parseRecipe({
    settings: {
      data: "d",
      train: { steps: STEPS, epochs: 50, batch: 4, maxRows: 20, learningRate: 0.1, checkpointEvery: 3 },
      validation: { every: 2, patience: null },
      steer: { mode: "both", latents: [0, 1], strength: [0.1, 0.4] },
      ...settings,
    },
    source: "test",
  });
  const plan = planSteering({ recipe, examples: train });
  const steer = plan && { plan, layer: 2, direction: direction ?? ((k: number) => Float32Array.of(k, 1)) };
  return trainAdapter({
    recipe,
    train,
    validation,
    steer,
    trainer: trainer ?? bigramTrainer({ vocabulary: VOCABULARY, seed: 3, dropout }),
    dir,
    fingerprint: "mine",
    ...more,
  });
}

async function logOf(dir: string): Promise<unknown[]> {
  const text = await readFile(path.join(dir, "train-log.jsonl"), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => ({ ...JSON.parse(line), at: null }));
}

function outcome({ finished, factors, step, position }: TrainedAdapter) {
  return { finished, factors, step, position };
}

/** A trainer that dies in its n-th pass, as a process that is killed: nothing is written afterwards. */
function dying(passes: number): LoraTrainer {
  const trainer = bigramTrainer({ vocabulary: VOCABULARY, seed: 3, dropout: 0.1 });
  let left = passes;
  const dieAfter = () => {
    left -= 1;
    if (left < 0) throw new Error("killed");
  };
  return {
    ...trainer,
    accumulate(rows, options) {
      dieAfter();
      return trainer.accumulate(rows, options);
    },
    evaluate(rows) {
      dieAfter();
      return trainer.evaluate(rows);
    },
  };
}

test("killed at any moment, any number of times, a training ends with the factors, the losses and the log that it would have had", async () => {
  const wholeDir = newDir();
  const whole = await session({ dir: wholeDir });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 }),
      async (kills) => {
        const dir = newDir();
        for (const passes of kills) await session({ dir, trainer: dying(passes) }).catch(() => undefined);
        expect(outcome(await session({ dir }))).toEqual(outcome(whole));
        expect(await logOf(dir)).toEqual(await logOf(wholeDir));
      },
    ),
    { numRuns: 15 },
  );
});

test("stopped by its signal a training keeps every step that it did, and goes on to the same end", async () => {
  const whole = await session();
  const dir = newDir();
  for (const stopAt of [1, 5, 5, 9]) {
    const stop = new AbortController();
    const onProgress: TrainAdapterOptions["onProgress"] = ({ step }) => {
      if (step >= stopAt) stop.abort();
    };
    const { finished, position } = await session({ dir, more: { signal: stop.signal, onProgress } });
    expect(finished).toBe("aborted");
    expect(position.step).toBeGreaterThanOrEqual(stopAt);
  }
  expect(outcome(await session({ dir }))).toEqual(outcome(whole));
});

test("a finished training that is called again gives the same and trains nothing", async () => {
  const dir = newDir();
  const whole = await session({ dir });
  expect(outcome(await session({ dir, trainer: dying(0) }))).toEqual(outcome(whole));
});

test("how many packs a batch takes changes no loss, without dropout", async () => {
  const settings = (maxRows: number) => ({
    train: { steps: STEPS, epochs: 50, batch: 6, learningRate: 0.1, maxRows },
  });
  const [one, many] = await Promise.all(
    [1000, 12].map((maxRows) => session({ dropout: 0, settings: settings(maxRows) })),
  );
  expect(one?.position.losses).toHaveLength(STEPS);
  for (const [i, loss] of (one?.position.losses ?? []).entries()) {
    expect(many?.position.losses[i]).toBeCloseTo(loss, 5);
  }
});

test("the loss falls, on validation examples of both kinds too", async () => {
  const { position } = await session({ settings: { train: { epochs: 12, learningRate: 0.1, maxRows: 50 } } });
  const [before, after] = [position.validations[0], position.validations.at(-1)];
  expect(before?.step).toBe(0);
  for (const kind of ["all", "selfCorrection", "normal"] as const) {
    expect(after?.[kind] ?? 9).toBeLessThan(0.8 * (before?.[kind] ?? 0));
  }
  expect(position.losses.at(-1)).toBeLessThan(0.8 * (position.losses[0] ?? 0));
});

test("without a new best for the recipe's patience a training ends early with the best weights, also where it is killed between", async () => {
  const settings = {
    train: {
      steps: 400,
      epochs: 400,
      batch: 4,
      learningRate: 2,
      maxRows: 50,
      checkpointEvery: 5,
      warmUpSteps: 0,
    },
    validation: { every: 3, patience: 4 },
  };
  const dir = newDir();
  for (const passes of [40, 60])
    await session({ dir, settings, trainer: dying(passes) }).catch(() => undefined);
  const trained = await session({ dir, settings });
  const { finished, step, position, factors } = trained;
  expect(finished).toBe("early");
  const losses = position.validations.slice(1).map(({ all }) => all);
  expect(position.validations.find((each) => each.step === step)?.all).toBe(Math.min(...losses));
  expect(position.step).toBe(step + 4 * 3);
  const last = await session({
    settings: { ...settings, validation: { ...settings.validation, keep: "last" } },
  });
  expect(last.step).toBe(position.step);
  expect(last.factors).not.toEqual(factors);
  expect(outcome(await session({ settings }))).toEqual(outcome(trained));
});

test("a loss that is no number ends the training by its code, and leaves the last checkpoint as it was", async () => {
  const dir = newDir();
  let calls = 0;
  const direction = () => {
    calls += 1;
    return Float32Array.of(calls > 8 ? Number.NaN : 1);
  };
  const more = { validation: [] };
  await expect(session({ dir, direction, more })).rejects.toMatchObject({ code: "FINETUNE_DIVERGED" });
  const checkpoints = await readdir(path.join(dir, "checkpoints"));
  expect(checkpoints.length).toBeGreaterThan(0);
  const steady = () => Float32Array.of(1);
  const resumed = await session({ dir, direction: steady, more });
  expect(outcome(resumed)).toEqual(outcome(await session({ direction: steady, more })));
});

test("a checkpoint of another training is refused", async () => {
  const dir = newDir();
  await session({ dir });
  await expect(session({ dir, more: { fingerprint: "another" } })).rejects.toMatchObject({
    code: "RUNS_UNEQUAL",
  });
});

test("a damaged checkpoint is refused by its path", async () => {
  const dir = newDir();
  await session({ dir });
  const name = (await readdir(path.join(dir, "checkpoints"))).sort().at(-1) ?? "";
  const file = path.join(dir, "checkpoints", name);
  await writeFile(file, (await readFile(file)).subarray(0, 200));
  await expect(session({ dir })).rejects.toMatchObject({ code: "STORE_CORRUPT", facts: { path: file } });
});
