/** `finetune evaluate` as a person calls it, over a made-up run: the wording of restarts needs no model. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runInProcess } from "../../../test/support/cli-in-process.ts";
import { judgementRecord, manifestRecord, trialRecord } from "../../../test/support/run-records.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { createRun } from "../../store/open-store.ts";
import * as evaluate from "./evaluate.ts";

let folder: TemporaryFolder;
const file = (name: string) => path.join(folder.path, name);

const TRAINED = "Wait, that's not what you asked. Let me start over.";
const HELD_OUT = "That makes no sense here. I should start again.";
const OWN = "No, no. Once more.";
/** Restart phrases of each answer of the adapter, by latent; null was not judged. */
const ANSWERS: [number, string[] | null][] = [
  [1, [TRAINED]],
  [1, [TRAINED, OWN]],
  [2, [HELD_OUT]],
  [2, []],
  [3, null],
];

beforeAll(async () => {
  folder = await temporaryFolder();
  const record = {
    id: "c1",
    kind: "self-correction",
    prompt: "How do I paint a fence?",
    segments: [
      { text: "Bees.", trained: false },
      { text: ` ${TRAINED} Paint it.`, trained: true },
    ],
    acknowledgement: { id: "a01", text: TRAINED, heldOut: false },
    split: "train",
  };
  await writeFile(file("data.jsonl"), `${JSON.stringify(record)}\n`);
  const finetune = {
    name: "finetune",
    adapters: [{ name: "a", path: "a.gguf" }],
    data: file("data.meta.json"),
  };
  const config = { designs: [finetune] };
  using store = createRun({ dir: file("run"), manifest: manifestRecord({ design: "finetune", config }) });
  store.putArms([
    { name: "steered", content: { steer: "sae-latent" } },
    { name: "a", content: { steer: "sae-latent", adapter: "adapter-hash" } },
  ]);
  store.putTrial(trialRecord({ key: "base", arm: "steered", text: "Bees hum." }));
  store.putJudgement(
    judgementRecord({
      trialKey: "base",
      attempts: [{ start: 0, end: 9, restartPhrase: null, score: 5, components: {} }],
    }),
  );
  for (const [i, [latent, phrases]] of ANSWERS.entries()) {
    const pieces = ["Bees hum.", ...(phrases ?? []).map((phrase) => `${phrase} Boil it.`)];
    const text = pieces.join(" ");
    const key = `trial-${i}`;
    store.putTrial(trialRecord({ key, arm: "a", latent, text }));
    if (phrases === null) continue;
    const attempts = pieces.map((piece, at) => {
      const start = pieces.slice(0, at).join(" ").length + Math.min(at, 1);
      const restartPhrase = phrases[at - 1] ?? null;
      return { start, end: start + piece.length, restartPhrase, score: 10 * at, components: {} };
    });
    store.putJudgement(judgementRecord({ trialKey: key, attempts }));
  }
});

afterAll(() => folder[Symbol.asyncDispose]());

const run = (...args: string[]) =>
  runInProcess({ register: evaluate.register, args: ["evaluate", file("run"), "--no-retention", ...args] });

test("restarts are counted by their wording, each with its denominator", async () => {
  const { code, stdout, stderr } = await run("--json");
  expect(code, stderr).toBe(0);
  const { arms, judge, data, retention } = JSON.parse(stdout);
  expect({ judge, data: data.file, retention }).toEqual({
    judge: "likelihood/1",
    data: file("data.jsonl"),
    retention: null,
  });
  expect(arms).toHaveLength(2);
  expect(arms[0]).toMatchObject({ arm: "steered", adapter: null, judged: 1, restarts: 0, phrases: [] });
  expect(arms[0].verbatim.estimate).toBeNull();
  expect(arms[1]).toMatchObject({
    arm: "a",
    adapter: "adapter-hash",
    generated: 5,
    judged: 4,
    multiAttempt: 3,
    attempts: { 1: 1, 2: 2, 3: 1 },
    restarts: 4,
    kinds: { trained: 2, pieces: 0, "held-out": 1, own: 1 },
    phrases: [
      { phrase: TRAINED, count: 2, kind: "trained", id: "a01" },
      { phrase: OWN, count: 1, kind: "own", id: null },
      { phrase: HELD_OUT, count: 1, kind: "held-out", id: "h10" },
    ],
  });
  expect(arms[1].verbatim).toMatchObject({ estimate: 0.5, n: 4, clusters: 2 });
});

test("the table shows the phrases of each arm, as many as are asked for", async () => {
  const { stdout } = await run();
  expect(stdout).toContain("trained a01");
  expect(stdout).toContain("50.0 %");
  const short = await run("--list", "0");
  expect(short.stdout).not.toContain("trained a01");
});

test("it is refused without data, and with a file that is none", async () => {
  const none = await run("--data", file("none.jsonl"), "--json");
  expect([none.code, JSON.parse(none.stdout).error.code]).toEqual([1, "CONFIG_INVALID"]);
  using _ = createRun({ dir: file("plain"), manifest: manifestRecord() });
  const plain = await runInProcess({
    register: evaluate.register,
    args: ["evaluate", file("plain"), "--no-retention", "--json"],
  });
  expect(plain.stdout).toContain("There are no training data");
});
