/**
 * `judge rejudge` and `judge resume` as a person calls them, over real HTTP. The failures that these prevent: judgements lost to an outage or to
 * kill -9, responses that are paid for twice, two judges under one name, and another judge's judgements touched.
 */
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningCli, startCli } from "../../../test/model/support/cli.ts";
import { runInProcess } from "../../../test/support/cli-in-process.ts";
import { serverError, startFaultProxy } from "../../../test/support/fault-proxy.ts";
import { startLlmServer } from "../../../test/support/llm-server.ts";
import { makeResponsesRun, textOf } from "../../../test/support/responses-run.ts";
import { judgementRecord } from "../../../test/support/run-records.ts";
import { scriptedJudge } from "../../../test/support/scripted-judge.ts";
import { judgeSettingsSchema } from "../../judge/judge-settings.ts";
import { llmJudgeOf } from "../../judge/llm/open-llm-judge.ts";
import { canonicalHash } from "../../store/canonical-json.ts";
import { openRun } from "../../store/open-store.ts";
import { register } from "../judge.ts";

const RESPONSES = 60;
const JUDGE = "llm scripted told/1";

let folder: string;
let settings: string;
let made = 0;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "countersteer-rejudge-"));
  settings = path.join(folder, "judge.yaml");
  // without retries a fault is one failure, and no test waits
  await writeFile(
    settings,
    "judge: {kind: llm, provider: compatible, model: scripted, maxRetries: 0, concurrency: 4, baseUrl: 'http://127.0.0.1:1/v1'}",
  );
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A run of which the own judge has judged everything. */
function newRun(responses = RESPONSES): string {
  const dir = path.join(folder, `run-${made++}`);
  using store = makeResponsesRun({ dir, responses });
  for (const key of store.trialKeys({ failed: false })) {
    store.putJudgement(
      judgementRecord({
        trialKey: key,
        attempts: [{ start: 0, end: 5, restartPhrase: null, score: 50, components: {} }],
      }),
    );
  }
  return dir;
}

const newCache = () => path.join(folder, `cache-${made++}`);

interface Call {
  dir: string;
  url: string;
  cache?: string;
  more?: string[];
}

function argsOf({ dir, url, cache = newCache(), more = [] }: Call): string[] {
  const judge = ["--config", settings, "--judge-base-url", url];
  return ["judge", "rejudge", dir, ...judge, "--cache-dir", cache, "--json", ...more];
}

const run = (args: string[]) => runInProcess({ register, args });
const rejudge = (call: Call) => run(argsOf(call));

function judgedBy(dir: string, judge = JUDGE) {
  using store = openRun({ dir, mode: "read" });
  return new Map(
    Array.from(store.judgements({ judge }), ({ trialKey, repeat, status, attempts, createdAt }) => [
      `${trialKey}#${repeat}`,
      { status, attempts, createdAt },
    ]),
  );
}

const withoutTimes = (judged: ReturnType<typeof judgedBy>) =>
  new Map([...judged].map(([key, { status, attempts }]) => [key, { status, attempts }]));

describe("judging a stored run again", () => {
  test("adds the judge's own rows, touches no other, asks nothing twice, and says what it cost", async () => {
    await using server = await startLlmServer({ answer: scriptedJudge });
    const dir = newRun();
    const before = judgedBy(dir, "likelihood/1");
    const { code, stdout, stderr } = await rejudge({ dir, url: server.url });
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      judge: JUDGE,
      responses: RESPONSES,
      errored: 1,
      judged: 0,
      now: { scored: RESPONSES },
      spent: { calls: RESPONSES + 1 },
    });
    expect(judgedBy(dir).size).toBe(RESPONSES);
    expect(judgedBy(dir, "likelihood/1")).toEqual(before);
    expect(server.seen.some(({ prompt }) => prompt.includes("subject 3"))).toBe(true);

    const again = await rejudge({ dir, url: server.url });
    expect(JSON.parse(again.stdout)).toMatchObject({ judged: RESPONSES, now: {} });
    // one question checks the key and the address
    expect(server.seen.length).toBe(RESPONSES + 2);
  });

  test("a dry run asks nothing, writes nothing and counts what is left", async () => {
    const dir = newRun();
    const args = ["--judge-provider", "anthropic", "--judge-model", "haiku-4.5", "--judge", "llm"];
    const { code, stdout, stderr } = await run([
      ...["judge", "rejudge", dir, ...args, "--votes", "3"],
      ...["--arm", "steered", "--dry-run", "--json"],
    ]);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      judge: "llm claude-haiku-4-5-20251001 told 3 votes/1",
      responses: RESPONSES / 2,
      toJudge: RESPONSES / 2,
      calls: { calls: (3 * RESPONSES) / 2, costUsd: expect.any(Number) },
    });
    using store = openRun({ dir, mode: "read" });
    expect(store.events()).toEqual([]);
  });

  test("a sample is the same in every call and part of every larger one, and a repeat is asked anew", async () => {
    await using server = await startLlmServer({ answer: scriptedJudge });
    const dir = newRun();
    const cache = newCache();
    const sample = async (...more: string[]) => {
      const { code, stderr } = await rejudge({ dir, url: server.url, cache, more });
      expect(code, stderr).toBe(0);
      return new Set(judgedBy(dir).keys());
    };
    const few = await sample("--sample", "7", "--seed", "3");
    expect(few.size).toBe(7);
    expect(await sample("--sample", "7", "--seed", "3")).toEqual(few);
    const more = await sample("--sample", "20", "--seed", "3");
    expect(more.size).toBe(20);
    const asked = server.seen.length;
    const repeated = await sample("--sample", "7", "--seed", "3", "--repeat", "1");
    expect(repeated.size).toBe(27);
    expect(server.seen.length).toBe(asked + 1 + 7);
    expect([...repeated].filter((key) => key.endsWith("#1")).map((key) => key.replace("#1", "#0"))).toEqual(
      expect.arrayContaining([...few]),
    );
  });

  test("another judge under the same name is refused, for their judgements could not be told apart", async () => {
    await using server = await startLlmServer({ answer: scriptedJudge });
    await using other = await startFaultProxy({ target: server.url });
    const dir = newRun(6);
    expect((await rejudge({ dir, url: server.url, more: ["--sample", "3"] })).code).toBe(0);
    const before = judgedBy(dir);
    const { code, stdout } = await rejudge({ dir, url: other.url });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "RUNS_UNEQUAL" } });
    expect(judgedBy(dir)).toEqual(before);
  });

  test("a wrong key ends it at once with one error, and nothing is stored", async () => {
    await using server = await startLlmServer({ answer: scriptedJudge });
    await using proxy = await startFaultProxy({ target: server.url });
    proxy.always = serverError(401);
    const dir = newRun();
    const { code, stdout } = await rejudge({ dir, url: proxy.url });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "LLM_ACCESS" } });
    expect(proxy.requests()).toBe(1);
    using store = openRun({ dir, mode: "read" });
    expect(store.events()).toEqual([]);
    expect(store.judges().map(({ judge }) => judge)).toEqual(["likelihood/1"]);
  });

  test("failures are judged again only where that is asked for", async () => {
    await using server = await startLlmServer({ answer: scriptedJudge });
    await using proxy = await startFaultProxy({
      target: server.url,
      script: [{ kind: "pass" }, { kind: "replace", content: "no JSON" }],
    });
    const dir = newRun(6);
    const call = { dir, url: proxy.url };
    expect(JSON.parse((await rejudge(call)).stdout)).toMatchObject({ now: { scored: 5, unparsable: 1 } });
    expect(JSON.parse((await rejudge(call)).stdout)).toMatchObject({ judged: 6, failures: 1, now: {} });
    const third = await rejudge({ ...call, more: ["--failed"] });
    expect(JSON.parse(third.stdout)).toMatchObject({ judged: 5, failures: 0, now: { scored: 1 } });
  });
});

describe("an interruption", () => {
  test("by an outage ends in one error, loses nothing, and `judge resume` finishes it", async () => {
    await using server = await startLlmServer({ answer: scriptedJudge });
    await using proxy = await startFaultProxy({
      target: server.url,
      script: Array(20).fill({ kind: "pass" }),
    });
    proxy.always = serverError(503);
    const whole = newRun();
    const dir = newRun();
    const { code, stdout, stderr } = await rejudge({ dir, url: proxy.url });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "LLM_UNAVAILABLE" } });
    expect(stderr).toContain(`countersteer judge resume ${dir}`);
    const cut = judgedBy(dir);
    expect([...cut.values()].filter(({ status }) => status === "scored")).toHaveLength(19);
    proxy.always = { kind: "pass" };
    const resumed = await run(["judge", "resume", dir, "--cache-dir", newCache(), "--json"]);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(JSON.parse(resumed.stdout)).toMatchObject({
      judges: [
        { judge: "likelihood/1", judged: RESPONSES, now: {} },
        { judge: JUDGE, judged: 19, now: { scored: RESPONSES - 19 } },
      ],
    });
    await rejudge({ dir: whole, url: server.url });
    expect(withoutTimes(judgedBy(dir))).toEqual(withoutTimes(judgedBy(whole)));
  });

  test("by kill -9 at any moment loses and doubles nothing", async () => {
    await using server = await startLlmServer({
      answer: async (call, index) => {
        await delay(15);
        return await scriptedJudge(call, index);
      },
    });
    const whole = newRun();
    await rejudge({ dir: whole, url: server.url });
    const dir = newRun();
    const asked = server.seen.length;
    const running = startCli({ args: argsOf({ dir, url: server.url }) });
    await until(running, () => judgedBy(dir).size > 5);
    running.child.kill("SIGKILL");
    await running.ended;
    const kept = judgedBy(dir);
    expect(kept.size).toBeGreaterThan(5);
    expect(kept.size).toBeLessThan(RESPONSES);
    const { code, stderr } = await rejudge({ dir, url: server.url });
    expect(code, stderr).toBe(0);
    const finished = judgedBy(dir);
    expect(withoutTimes(finished)).toEqual(withoutTimes(judgedBy(whole)));
    for (const [key, judgement] of kept) expect(finished.get(key)).toEqual(judgement);
    const texts = server.seen.slice(asked).map(({ prompt }) => prompt);
    for (const key of kept.keys()) {
      const text = textOf(Number(/^trial-(\d+)#0$/.exec(key)?.[1]));
      expect(texts.filter((prompt) => prompt.includes(text))).toHaveLength(1);
    }
  });

  test("of the run's own judge is finished by `judge resume` without the run's model", async () => {
    await using server = await startLlmServer({ answer: scriptedJudge });
    const judge = judgeSettingsSchema.parse({
      kind: "llm",
      provider: "compatible",
      model: "scripted",
      baseUrl: server.url,
    });
    const describe = llmJudgeOf({ settings: judge, access: { keys: {}, cacheDir: null } }).describe();
    const dir = path.join(folder, `run-${made++}`);
    {
      using store = makeResponsesRun({
        dir,
        responses: 10,
        manifest: { config: { judge }, judge: { id: JUDGE, describe, hash: canonicalHash(describe) } },
      });
      const outage = { status: "failed" as const, attempts: [], detail: { cause: "outage" } };
      store.putJudgement(judgementRecord({ trialKey: "trial-4", judge: JUDGE, ...outage }));
      store.putJudgement(
        judgementRecord({ trialKey: "trial-5", judge: JUDGE, status: "refused", attempts: [] }),
      );
    }
    const args = ["judge", "resume", dir, "--cache-dir", newCache(), "--json"];
    const { code, stdout, stderr } = await run(args);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      finished: false,
      judges: [{ judge: JUDGE, judged: 1, failures: 1, now: { scored: 9 } }],
    });
    const last = await run([...args, "--failed"]);
    expect(JSON.parse(last.stdout)).toMatchObject({
      judges: [{ judged: 9, failures: 0, now: { scored: 1 } }],
    });
    using store = openRun({ dir, mode: "read" });
    expect([...store.judged()].filter(({ judgement }) => judgement?.status === "scored")).toHaveLength(10);
  });

  test("is not gone on with by another version of the judge", async () => {
    await using server = await startLlmServer({ answer: scriptedJudge });
    const judge = { kind: "llm", provider: "compatible", model: "scripted", baseUrl: server.url };
    const dir = path.join(folder, `run-${made++}`);
    makeResponsesRun({
      dir,
      responses: 4,
      manifest: { config: { judge }, judge: { id: "llm scripted told/0", describe: {}, hash: "another" } },
    }).close();
    const { code, stdout } = await run(["judge", "resume", dir, "--cache-dir", newCache(), "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "RUNS_UNEQUAL" } });
    using store = openRun({ dir, mode: "read" });
    expect(store.judges()).toEqual([]);
  });
});

/** Waits for a condition while a command runs; fails if the command ends before. */
async function until({ child, stderr }: RunningCli, condition: () => boolean): Promise<void> {
  const closed = once(child, "close").then(() => "closed" as const);
  while (!condition()) {
    if ((await Promise.race([closed, delay(5)])) === "closed") throw new Error(`it ended early: ${stderr()}`);
  }
}
