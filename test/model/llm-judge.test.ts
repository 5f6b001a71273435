/**
 * A run judged by a language model, over real HTTP. The failures that this prevents: a run that spends money with a key that does not work,
 * an outage that costs responses or leaves holes, and a resume that judges twice.
 */
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { openRun } from "../../src/store/open-store.ts";
import { serverError, startFaultProxy } from "../support/fault-proxy.ts";
import { type Answer, startLlmServer } from "../support/llm-server.ts";
import { runCli } from "./support/cli.ts";

let folder: string;
let settings: string;
/** Has the weights of the usual cache, and its own answers. */
let cache: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "countersteer-llm-judge-"));
  cache = path.join(folder, "cache");
  await mkdir(cache);
  for (const name of await readdir(inject("cacheDir"))) {
    if (name !== "llm") await symlink(path.join(inject("cacheDir"), name), path.join(cache, name));
  }
  settings = path.join(folder, "tiny.yaml");
  await writeFile(
    settings,
    [
      "designs: [baseline, esr]",
      "weights: fast",
      "latents: {count: 2}",
      "threshold: {samples: 1, minQueries: 2, maxQueries: 2, verifySamples: 0, maxTokens: 16}",
      "trialsPerLatent: 12",
      "sampling: {maxTokens: 24}",
      "judge: {kind: llm, provider: compatible, model: scripted, maxRetries: 0, concurrency: 2}",
    ].join("\n"),
  );
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Scores every response as one attempt, by its length. */
const judge: Answer = ({ prompt }) => {
  const response = /<answer>\n([\s\S]*)\n<\/answer>$/.exec(prompt)?.[1] ?? "";
  const words = response.trim().split(/\s+/).slice(0, 8).join(" ");
  const attempts = [
    { first_words: words, restart_phrase: null, feedback: "so", score: response.length % 101 },
  ];
  return JSON.stringify({ assessment: "so", attempts });
};

function contents(dir: string) {
  using store = openRun({ dir, mode: "read" });
  const trials = [...store.judged()];
  return {
    judge: store.manifest().judge,
    judgements: new Map(
      trials.map(({ trial, judgement }) => [`${trial.key} ${trial.text}`, judgement?.attempts]),
    ),
    statuses: trials.map(({ judgement }) => judgement?.status ?? "none"),
    events: store.events({}).map(({ kind }) => kind),
  };
}

const run = (dir: string, url: string) =>
  runCli({ args: ["run", settings, "--judge-base-url", url, "--out", dir, "--cache-dir", cache, "--json"] });

test("a judge outage in the middle of a run loses no response, and a resume finishes it as if there had been none", async () => {
  await using server = await startLlmServer({ answer: judge });
  await using proxy = await startFaultProxy({ target: server.url });
  const whole = path.join(folder, "whole");
  const first = await run(whole, proxy.url);
  expect(first.code, first.stderr).toBe(0);
  const expected = contents(whole);
  expect(expected.judgements.size).toBe(2 * 12 * 2);
  expect(expected.judge.describe).toMatchObject({ model: "scripted", variant: "told", votes: 1 });
  expect(expected.events).toContain("judge-spent");

  await using other = await startFaultProxy({ target: server.url, script: Array(20).fill({ kind: "pass" }) });
  other.always = serverError(503);
  const cut = path.join(folder, "cut");
  const second = await run(cut, other.url);
  expect(JSON.parse(second.stdout)).toMatchObject({ error: { code: "LLM_UNAVAILABLE" } });
  expect(contents(cut).statuses.some((status) => status !== "scored")).toBe(true);
  other.always = { kind: "pass" };
  const third = await runCli({ args: ["resume", cut, "--cache-dir", cache, "--json"] });
  expect(third.code, third.stderr).toBe(0);
  const finished = contents(cut);
  expect(finished.statuses.every((status) => status === "scored" || status === "no-attempt")).toBe(true);
  expect(finished.judgements).toEqual(expected.judgements);
});

test("a wrong key ends the run at once with one error, and nothing is stored", async () => {
  await using server = await startLlmServer({ answer: judge });
  await using proxy = await startFaultProxy({ target: server.url });
  proxy.always = serverError(401);
  const dir = path.join(folder, "refused");
  const { code, stdout } = await run(dir, proxy.url);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "LLM_ACCESS" } });
  expect(proxy.requests()).toBe(1);
  expect(() => openRun({ dir, mode: "read" })).toThrow(expect.objectContaining({ code: "RUN_NOT_FOUND" }));
});

test("a dry run asks the judge nothing and says what it would take", async () => {
  const args = [
    "run",
    settings,
    "--judge-provider",
    "anthropic",
    "--judge-model",
    "haiku-4.5",
    "--dry-run",
    "--json",
  ];
  const { code, stdout, stderr } = await runCli({ args });
  expect(code, stderr).toBe(0);
  const plan: unknown = JSON.parse(stdout);
  expect(plan).toMatchObject({ trials: 48, judge: { model: "claude-haiku-4-5-20251001", calls: 48 + 4 } });
  expect(plan).toHaveProperty("judge.costUsd", expect.any(Number));
});
