/** Levels by divergence on real weights: each latent steered as far as the budget says, by a measurement that a resumed run does not repeat. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { parseConfig } from "../../src/experiment/config.ts";
import { measureDivergence } from "../../src/experiment/divergence/measure.ts";
import { resumeRun, startRun } from "../../src/experiment/run.ts";
import { openSession, type Session } from "../../src/experiment/session.ts";
import { runReport, runReportText } from "../../src/report/run-report.ts";
import { divergenceAnswers, latentDivergences } from "../../src/store/divergence.ts";
import { openRun } from "../../src/store/open-store.ts";
import type { EventRecord } from "../../src/store/records.ts";
import { type LlmServer, startLlmServer } from "../support/llm-server.ts";
import { scriptedJudge } from "../support/scripted-judge.ts";

const LATENTS = [2316, 607];
const LEVELS = [0.1, 0.8];
const TOLERANCE = 0.02;
const THRESHOLD = 40;

let folder: string;
let dir: string;
let server: LlmServer;
let session: Session;
/** When the measurement was done and no trial was. */
let measured: EventRecord[];

const settingsOf = (design: Record<string, unknown>, prompts: string) => ({
  designs: [{ name: "dose", ...design }],
  model: inject("modelPath"),
  sae: "smollm2-135m-instruct.l15.8k",
  layer: 15,
  weights: "fast",
  prompts: { evaluation: prompts },
  latents: { indices: LATENTS },
  threshold: {
    range: [THRESHOLD, THRESHOLD + 0.001],
    priorMean: THRESHOLD,
    priorStd: 0.001,
    samples: 1,
    minQueries: 1,
    maxQueries: 1,
    verifySamples: 0,
    maxTokens: 8,
  },
  trialsPerLatent: 1,
  sampling: { maxTokens: 24, repetitionPenalty: 1.1 },
  judge: { kind: "llm", provider: "compatible", model: "scripted", baseUrl: server.url },
});

async function opened(design: Record<string, unknown>): Promise<Session> {
  const prompts = path.join(folder, "prompts.txt");
  await writeFile(prompts, "How do I boil an egg?\n");
  const config = parseConfig({ settings: settingsOf(design, prompts), source: "test" });
  return await openSession({
    config,
    machine: { cacheDir: inject("cacheDir"), workers: 1, threads: 1 },
  });
}

const access = () => ({ cacheDir: inject("cacheDir"), llm: { keys: {} } });

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "countersteer-divergence-"));
  dir = path.join(folder, "run");
  server = await startLlmServer({ answer: scriptedJudge });
  session = await opened({ scale: "kl", levels: LEVELS });
  const stop = new AbortController();
  const cut = startRun({
    ...access(),
    dir,
    preset: null,
    session,
    signal: stop.signal,
    onProgress: ({ phase }) => {
      if (phase === "trials") stop.abort();
    },
  });
  await expect(cut).rejects.toMatchObject({ code: "ABORTED" });
  {
    using store = openRun({ dir, mode: "read" });
    expect(store.trialKeys().size).toBe(0);
    measured = store.events();
  }
  using store = openRun({ dir, mode: "write" });
  await resumeRun({ ...access(), store, session, onProgress: () => undefined });
});

afterAll(async () => {
  await session.close();
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test("each latent has its own strength for each budget, within the tolerance, and stronger for the larger one", () => {
  using store = openRun({ dir, mode: "read" });
  const found = latentDivergences({ store });
  expect([...found.keys()].sort()).toEqual([...LATENTS].sort());
  for (const { levels, points, tolerance } of found.values()) {
    expect(tolerance).toBe(TOLERANCE);
    expect(levels.map(({ nats }) => nats)).toEqual(LEVELS);
    for (const { nats, strength } of levels) {
      const kl = points.find((point) => point.strength === strength)?.kl ?? Number.NaN;
      expect(Math.abs(kl - nats)).toBeLessThanOrEqual(TOLERANCE * nats);
    }
    expect(levels[1]?.strength).toBeGreaterThan(levels[0]?.strength ?? 0);
    const strengths = points.map(({ strength }) => strength);
    expect(strengths).toEqual([...new Set(strengths)].sort((a, b) => a - b));
  }
  const [one, other] = LATENTS.map((latent) => found.get(latent)?.levels[0]?.strength);
  expect(one).not.toBe(other);
});

test("a trial is steered with the strength that was found, and measuring it again gives the stored number", async () => {
  using store = openRun({ dir, mode: "read" });
  const found = latentDivergences({ store });
  const texts = await Promise.all(
    (divergenceAnswers({ store }) ?? []).map(async ({ prompt, tokens }) => {
      expect(session.prompts.heldOut).toContain(prompt);
      const before = await session.tokensOf(prompt);
      return { tokens: Int32Array.from([...before, ...tokens]), from: before.length };
    }),
  );
  expect(texts.length).toBeGreaterThan(0);
  const trials = [...store.trials()];
  expect(trials).toHaveLength(LATENTS.length * LEVELS.length);
  for (const { arm, latent, strength, receipt, error } of trials) {
    expect(error).toBeNull();
    const divergence = found.get(latent ?? -1);
    const level = divergence?.levels.find(({ nats }) => arm === `kl-${nats}`);
    expect(strength).toBe(level?.strength);
    expect(receipt?.meanDose).toBeGreaterThan(0);
    const again = await measureDivergence({
      runtime: { session, call: {} },
      texts,
      latent: latent ?? -1,
      strength,
    });
    expect(divergence?.points).toContainEqual(again);
  }
});

test("a run that is cut off behind the measurement goes on with the same strengths and measures nothing again", () => {
  using store = openRun({ dir, mode: "read" });
  for (const kind of ["divergence-answers", "divergence"]) {
    const before = measured.filter((event) => event.kind === kind);
    expect(before).toHaveLength(kind === "divergence" ? LATENTS.length : 1);
    expect(store.events({ kind })).toEqual(before);
  }
});

test("the curve has the measured divergence beside the budget, and the dose", () => {
  using store = openRun({ dir, mode: "read" });
  const report = runReport({ store });
  const points = report.curves[0]?.points ?? [];
  expect(points.map(({ x }) => x)).toEqual(LEVELS);
  for (const { x, kl, dose } of points) {
    expect(Math.abs((kl ?? Number.NaN) - x)).toBeLessThanOrEqual(TOLERANCE * x);
    expect(dose).toBeGreaterThan(0);
  }
  expect(runReportText({ report, color: false, width: 100 })).toContain("KL: nats a token");
});

test("levels of another scale are measured where that is asked for, at the strengths of their trials", async () => {
  const measuring = await opened({ levels: [0.5, 1], divergence: true });
  const other = path.join(folder, "thresholds");
  try {
    await startRun({
      ...access(),
      dir: other,
      preset: null,
      session: measuring,
      onProgress: () => undefined,
    });
  } finally {
    await measuring.close();
  }
  using store = openRun({ dir: other, mode: "read" });
  const [curve] = runReport({ store }).curves;
  const [half, whole] = curve?.points.map(({ kl }) => kl ?? 0) ?? [];
  expect(half).toBeGreaterThan(0);
  expect(whole).toBeGreaterThan(half ?? 0);
});
