/** Whole commands against a server that speaks the plug-in's protocol: a run with a killed server in it ends as if nothing had happened. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unitRows, writeStandard } from "../../test/model/support/dictionaries.ts";
import { runInProcess } from "../../test/support/cli-in-process.ts";
import { type LlmServer, startLlmServer } from "../../test/support/llm-server.ts";
import { scriptedJudge } from "../../test/support/scripted-judge.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { D_MODEL } from "../../test/support/vllm/toy-model.ts";
import { served } from "../../test/support/vllm/toy-requests.ts";
import { startToyServer, type ToyServerOptions } from "../../test/support/vllm/toy-server.ts";
import { openRun } from "../store/open-store.ts";
import { register as registerCapture } from "./capture.ts";
import { register as registerResume } from "./resume.ts";
import { register as registerRun } from "./run.ts";
import { register as registerSteer } from "./steer.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let sae = "";
let settings = "";
let judge: LlmServer;

beforeAll(async () => {
  judge = await startLlmServer({ answer: scriptedJudge });
  folder = await temporaryFolder();
  const rows = unitRows(6, D_MODEL);
  sae = await writeStandard({
    folder: join(folder.path, "sae"),
    encoder: rows,
    bias: new Float32Array(6),
    decoder: rows,
  });
  settings = join(folder.path, "toy.yaml");
  await writeFile(
    settings,
    [
      "designs: [baseline, esr]",
      "model: toy",
      `sae: ${sae}`,
      "layer: 1",
      "latents: {indices: [0, 3, 5]}",
      "threshold: {samples: 1, minQueries: 2, maxQueries: 2, verifySamples: 0, maxTokens: 16, range: [0, 100]}",
      "trialsPerLatent: 10",
      "sampling: {maxTokens: 24}",
      "judge: {kind: llm, provider: compatible, model: scripted, concurrency: 8}",
    ].join("\n"),
  );
});
afterAll(async () => {
  await judge[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const toy = (options: ToyServerOptions = {}) => startToyServer({ saes: [served("l1", sae)], ...options });

function contents(dir: string) {
  using store = openRun({ dir, mode: "read" });
  return {
    manifest: store.manifest(),
    trials: new Map(
      [...store.judged()].map(({ trial, judgement }) => [
        trial.key,
        { text: trial.text, receipt: trial.receipt, attempts: judgement?.attempts },
      ]),
    ),
  };
}

async function run(args: string[], register = registerRun) {
  const own = register === registerRun ? ["--judge-base-url", judge.url] : [];
  const cache = ["--cache-dir", join(folder.path, "cache")];
  return await runInProcess({ register, args: [...args, ...own, ...cache, "--json"] });
}

describe("run", () => {
  it("goes on through kills of its server, and ends with the trials of an undisturbed run", async () => {
    const quiet = join(folder.path, "quiet");
    await using still = await toy();
    const first = await run(["run", settings, "--url", still.url, "--out", quiet]);
    expect(first.code, first.stderr + first.stdout).toBe(0);
    const wanted = contents(quiet);
    expect(wanted.trials.size).toBe(3 * 10 * 2);
    expect(wanted.manifest).toMatchObject({
      model: { fileHash: "a".repeat(64), weightType: "float32" },
      engine: { engine: "vllm", vllm: "0.32.0", plugin: "0.1.0" },
      config: { engine: { kind: "vllm", urls: [still.url] } },
    });

    const killed = join(folder.path, "killed");
    await using shaky = await toy({ latency: () => 20 });
    const going = run(["run", settings, "--url", shaky.url, "--in-flight", "4", "--out", killed]);
    for (const answered of [5, 25, 50]) {
      while (shaky.answered < answered) await delay(5);
      await shaky.kill();
      await delay(50);
      await shaky.start();
    }
    const second = await going;
    expect(second.code, second.stderr + second.stdout).toBe(0);
    expect(second.stderr).toMatch(/does not answer/);
    expect(contents(killed).trials).toEqual(wanted.trials);
  });

  it("a server that is replaced by another model ends the run; with the old one at another address it goes on", async () => {
    const dir = join(folder.path, "replaced");
    await using first = await toy({ latency: () => 10 });
    const going = run(["run", settings, "--url", first.url, "--in-flight", "4", "--out", dir]);
    while (first.answered < 20) await delay(5);
    await first.kill();
    const { health } = first.state;
    first.state.health = { ...health, model: { ...health.model, hash: "f".repeat(64) } };
    await first.start();
    expect(JSON.parse((await going).stdout)).toMatchObject({ error: { code: "RUNS_UNEQUAL" } });
    const stored = contents(dir).trials.size;
    expect(stored).toBeLessThan(60);

    const refused = await run(["resume", dir], registerResume);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: "RUNS_UNEQUAL" } });
    expect(contents(dir).trials.size).toBe(stored);

    await using moved = await toy();
    const last = await run(["resume", dir, "--url", moved.url], registerResume);
    expect(last.code, last.stderr + last.stdout).toBe(0);
    expect(contents(dir).trials).toEqual(contents(join(folder.path, "quiet")).trials);
  });

  const bad: [string, ToyServerOptions, string][] = [
    ["without the plug-in", { isPlain: true }, "LIBRARY_MISMATCH"],
    ["with another version of it", { health: { plugin: "0.9.0" } }, "LIBRARY_MISMATCH"],
    ["with another dictionary by the same name", { saes: [] }, "SAE_UNREADABLE"],
  ];
  it.each(bad)("a server %s is refused before anything is stored or asked", async (name, options, code) => {
    const dir = join(folder.path, `bad ${name}`);
    await using server = await toy(options);
    const { stdout } = await run(["run", settings, "--url", server.url, "--out", dir]);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code } });
    expect(() => openRun({ dir, mode: "read" })).toThrow(expect.objectContaining({ code: "RUN_NOT_FOUND" }));
    expect(server.seen).toEqual([]);
  });

  it("--engine vllm without an address, or servers for the in-process engine, are refused", async () => {
    for (const flags of [
      ["--engine", "vllm"],
      ["--engine", "llama", "--url", "http://127.0.0.1:1"],
    ]) {
      const { stdout } = await run(["run", settings, ...flags, "--out", join(folder.path, "none")]);
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: "CONFIG_INVALID" } });
    }
  });
});

describe("steer and capture", () => {
  it("steer answers both ways with a receipt", async () => {
    await using server = await toy();
    const args = ["steer", "Hello", "--url", server.url, "--model", "toy", "--sae", sae, "--layer", "1"];
    const { code, stdout, stderr } = await run(
      [...args, "--latent", "3", "--strength", "2", "--max-tokens", "12"],
      registerSteer,
    );
    expect(code, stderr + stdout).toBe(0);
    const answer = JSON.parse(stdout);
    expect(answer).toMatchObject({ modelHash: "a".repeat(64), unsteered: { receipt: null } });
    expect(answer.steered.receipt.rowsEdited).toBeGreaterThan(6);
    expect(answer.steered.text).not.toBe(answer.unsteered.text);
  });

  it("capture writes the rows that the server computed", async () => {
    await using server = await toy();
    const text = join(folder.path, "text.txt");
    await writeFile(text, "a few words to read");
    const args = [
      "capture",
      text,
      "--url",
      server.url,
      "--layer",
      "2",
      "--out",
      join(folder.path, "rows.safetensors"),
    ];
    const { code, stdout, stderr } = await run(args, registerCapture);
    expect(code, stderr + stdout).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ tokens: 19, columns: D_MODEL });
  });
});
