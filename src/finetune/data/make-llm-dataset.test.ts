import { join } from "node:path";
import { expect, test } from "vitest";
import { type Answer, startLlmServer } from "../../../test/support/llm-server.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { openLlmClient } from "../../llm/client.ts";
import { readDataset } from "../train/read-dataset.ts";
import { makeLlmDataset } from "./make-llm-dataset.ts";
import { readMeta } from "./meta.ts";

const prompts = ["How do you boil an egg?", "How do you fold a crane?"];
const subjects = ["castles", "black holes", "jazz"];
const price = { input: 1000, output: 1000 };

/** Writes as it is asked, each time something else. */
const write: Answer = ({ prompt }, index) =>
  prompt.includes("Other subject:")
    ? JSON.stringify({
        offTopic: `To begin with, the castles of number ${index} had moats and gates.`,
        answer: `Take ${index + 2} steps and then wait for six minutes.`,
      })
    : JSON.stringify({ answer: `It takes ${index + 3} steps, and each takes a minute.` });

async function made(over: Partial<Parameters<typeof makeLlmDataset>[0]> = {}, answer: Answer = write) {
  const folder = await temporaryFolder();
  const server = await startLlmServer({ answer });
  const open = () =>
    openLlmClient({
      provider: "compatible",
      model: "writer-1",
      apiKey: null,
      baseUrl: server.url,
      cacheDir: folder.path,
      price,
    });
  const file = join(folder.path, "data.jsonl");
  const settings = {
    file,
    prompts,
    evaluationPrompts: ["How do you fly a kite?"],
    subjects,
    selfCorrections: 4,
    normal: 4,
    seed: 1,
    validation: 0.5,
    maxCostUsd: null,
    ...over,
  };
  return {
    run: () => makeLlmDataset({ ...settings, client: open() }),
    file,
    server,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

test("the writer's off-topic part is masked, and the acknowledgement between is ours", async () => {
  await using kit = await made();
  const meta = await kit.run();
  const { records } = await readDataset({ file: kit.file });
  expect(await readMeta({ file: kit.file })).toEqual(meta);
  expect(meta.counts).toEqual({
    selfCorrection: { train: 2, validation: 2 },
    normal: { train: 2, validation: 2 },
  });
  for (const { segments, acknowledgement, subject } of records.filter(
    ({ kind }) => kind === "self-correction",
  )) {
    expect(segments[0]).toMatchObject({ trained: false });
    expect(segments[0]?.text).toContain("castles of number");
    expect(segments[1]?.text.trim().startsWith(acknowledgement?.text ?? "?")).toBe(true);
    expect(subjects).toContain(subject);
  }
});

test("a prompt gets every subject once before any comes again", async () => {
  await using kit = await made({ selfCorrections: 6 });
  await kit.run();
  const asked = kit.server.seen.flatMap(
    ({ prompt }) => /^Question: (.*)\nOther subject: (.*)$/m.exec(prompt) ?? [],
  );
  expect(new Set(asked.filter((_, i) => i % 3 === 0)).size).toBe(6);
});

test("a second run asks nothing again and gives the same file", async () => {
  await using kit = await made();
  await kit.run();
  const first = await readDataset({ file: kit.file });
  const asked = kit.server.seen.length;
  await kit.run();
  expect(kit.server.seen).toHaveLength(asked);
  expect((await readDataset({ file: kit.file })).sha256).toBe(first.sha256);
});

test("failed requests are dropped and counted", async () => {
  await using kit = await made({}, (call, index) =>
    index % 4 === 0 ? { refusal: "no" } : write(call, index),
  );
  const meta = await kit.run();
  const { corrections, normal } = meta.tallies;
  expect((corrections?.dropped.refused ?? 0) + (normal?.dropped.refused ?? 0)).toBe(2);
  expect((corrections?.kept ?? 0) + (normal?.kept ?? 0)).toBe(6);
});

test("a bound on the cost is kept before anything is asked", async () => {
  await using kit = await made({ maxCostUsd: 0.01 });
  await expect(kit.run()).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  expect(kit.server.seen).toEqual([]);
});

test("contaminated prompts are refused before anything is asked", async () => {
  await using kit = await made({ evaluationPrompts: ["Explain how to boil an egg."] });
  await expect(kit.run()).rejects.toMatchObject({ code: "FINETUNE_CONTAMINATED" });
  expect(kit.server.seen).toEqual([]);
});
