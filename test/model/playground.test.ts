/** The playground on the default model: two answers that differ in the edits alone, ends, refusals, and a run out of what was answered. */
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import os from "node:os";
import path from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { calibrationFor } from "../../src/experiment/calibrate-judge.ts";
import { DETECTORS_SCHEMA, type ReferenceDetectors } from "../../src/latents/detectors/detector-file.ts";
import { runReport } from "../../src/report/run-report.ts";
import {
  type PlaygroundEvent,
  type PlaygroundRequest,
  playgroundEventSchema,
  playgroundSchema,
  type Side,
  savedSchema,
} from "../../src/server/viewer/api/playground.ts";
import { openPlaygroundSession } from "../../src/server/viewer/playground/open-session.ts";
import type { PlaygroundOptions } from "../../src/server/viewer/playground/options.ts";
import { Playground } from "../../src/server/viewer/playground/playground.ts";
import { playgroundRoutes } from "../../src/server/viewer/playground/routes.ts";
import { problemOf } from "../../src/server/viewer/problem.ts";
import { openRun } from "../../src/store/open-store.ts";

/** Fires on most tokens. */
const BUSY = 1869;
const STEERED = 10;
const ASKED: PlaygroundRequest = {
  prompt: "How do I boil an egg?",
  steering: { by: { kind: "latent", latent: STEERED }, strength: 90, positions: "all" },
  ablate: [],
  metaPrompt: null,
  adapter: null,
  seed: 3,
  temperature: 0,
  maxTokens: 32,
};

let folder: string;
let shown: string;
let playground: Playground;
let server: Server;
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "countersteer-playground-"));
  shown = path.join(folder, "runs");
  await mkdir(shown);
  const detectors: ReferenceDetectors = {
    schema: DETECTORS_SCHEMA,
    origin: "reference",
    model: "smollm2-135m",
    method: "made up",
    source: "this test",
    note: "",
    detectors: [{ latent: BUSY, label: null, sign: 1, weight: null, published: {} }],
  };
  const file = path.join(folder, "detectors.json");
  await writeFile(file, JSON.stringify(detectors));
  const options: PlaygroundOptions = {
    folder: shown,
    machine: { cacheDir: path.join(folder, "cache"), workers: 1, threads: 1, contextPerSlot: 512 },
    settings: {
      model: inject("modelPath"),
      weights: "as-is",
      sae: "smollm2-135m-instruct.l15.8k",
      layer: 15,
      threshold: { range: [0, 160], priorMean: 75, priorStd: 40 },
      sampling: { maxTokens: 32, repetitionPenalty: 1.1 },
      judge: { calibrationAnswers: 8 },
    },
    detectors: file,
    adapters: new Map(),
    maxAnswers: 1,
  };
  const opened = await openPlaygroundSession(options);
  expect(opened.judge).toBeNull();
  await calibrationFor({ session: opened.session, cacheDir: options.machine.cacheDir });
  await opened.close();
  playground = new Playground(options);
  const app = new Hono();
  app.onError((error, c) => {
    const { status, problem } = problemOf(error);
    return c.json(problem, status);
  });
  app.route("/", playgroundRoutes({ playground }));
  // no HTTP/2 options are given, so this is node:http's server
  server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/api/playground`;
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await playground.close();
  await rm(folder, { recursive: true, force: true });
});

function post(route: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  return fetch(`${url}/${route}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    ...(signal ? { signal } : {}),
  });
}

type Ended = Extract<PlaygroundEvent, { type: "end" }>;
type Curves = Extract<PlaygroundEvent, { type: "curves" }>;

interface Answered {
  id: string;
  end: Record<Side, Ended>;
  /** All of one side, the last one whole. */
  curves: Record<Side, Curves[]>;
  /** What was streamed, joined. */
  streamed: Record<Side, string>;
  statuses: string[];
}

async function ask(part: Partial<PlaygroundRequest> = {}): Promise<Answered> {
  const response = await post("answer", { ...ASKED, ...part });
  const body = await response.text();
  expect(response.status, body).toBe(200);
  const events = body
    .split("\n\n")
    .filter((block) => block !== "")
    .map((block) => playgroundEventSchema.parse(JSON.parse(block.replace(/^data: ?/, ""))));
  const last = events.at(-1);
  if (last?.type !== "done") throw new Error(JSON.stringify(last));
  const of = <T extends PlaygroundEvent["type"]>(type: T) =>
    events.filter((event): event is Extract<PlaygroundEvent, { type: T }> => event.type === type);
  const endOf = (side: Side) => {
    const [end, ...more] = of("end").filter((event) => event.side === side);
    if (end === undefined || more.length > 0) throw new Error(`${side} did not end once`);
    return end;
  };
  const curvesOf = (side: Side) => of("curves").filter((event) => event.side === side);
  const streamedOf = (side: Side) =>
    of("text")
      .filter((event) => event.side === side)
      .map(({ text }) => text)
      .join("");
  return {
    id: last.answer,
    end: { steered: endOf("steered"), unsteered: endOf("unsteered") },
    curves: { steered: curvesOf("steered"), unsteered: curvesOf("unsteered") },
    streamed: { steered: streamedOf("steered"), unsteered: streamedOf("unsteered") },
    statuses: of("status").map(({ text }) => text),
  };
}

test("what can be chosen is known before the model is opened", async () => {
  const facts = playgroundSchema.parse(await (await fetch(url)).json());
  expect(facts).toMatchObject({
    model: { layers: 30, contextLength: 512 },
    strengths: { least: 0, most: 160, usual: 75 },
    sae: { layer: 15, latents: 8192 },
    adapters: [],
    detectors: [{ latent: BUSY }],
  });
});

describe("two answers", () => {
  test("stream side by side, and only the steered one is edited", async () => {
    const { end, curves, streamed, statuses } = await ask();
    expect(statuses[0]).toBe("Opening the model");
    expect(streamed).toEqual({ steered: end.steered.text, unsteered: end.unsteered.text });
    expect(end.unsteered.text).toMatch(/boil/i);
    expect(end.steered.text).not.toBe(end.unsteered.text);
    expect(end.unsteered).toMatchObject({ rowsEdited: 0, dose: null });
    expect(end.steered.rowsEdited).toBeGreaterThan(end.steered.tokens);
    expect(end.steered.dose).toBeGreaterThan(0);
    for (const side of ["steered", "unsteered"] as const) {
      const { tokens, finish, attempts, text } = end[side];
      const whole = curves[side].at(-1);
      expect(whole?.offsets).toHaveLength(tokens);
      expect(whole?.topicality).toHaveLength(tokens);
      expect(whole?.detectors).toHaveLength(tokens);
      expect(whole?.detectors?.at(-1) === null).toBe(finish === "length");
      expect(attempts[0]).toMatchObject({ start: 0, score: expect.any(Number) });
      expect(attempts.at(-1)?.end).toBeLessThanOrEqual(text.length);
    }
    const mean = (values: readonly number[] = []) =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(curves.unsteered.at(-1)?.topicality ?? [])).toBeGreaterThan(
      mean(curves.steered.at(-1)?.topicality ?? []),
    );
  });

  test("what was measured on the way agrees with the end", async () => {
    const { curves } = await ask({ maxTokens: 48 });
    const early = curves.unsteered[0];
    const whole = curves.unsteered.at(-1);
    expect(curves.unsteered.length).toBeGreaterThan(1);
    // shorter texts are computed in other blocks of rows, and the weights are of four bits
    const apart = (name: "topicality" | "detectors") =>
      Math.max(
        ...(early?.[name] ?? []).map((value, t) => Math.abs((value ?? 0) - (whole?.[name]?.[t] ?? 0))),
      );
    const spread = (name: "topicality" | "detectors") =>
      Math.max(...(whole?.[name] ?? []).map((value) => Math.abs(value ?? 0)));
    expect(apart("topicality")).toBeLessThan(0.1 * spread("topicality"));
    expect(apart("detectors")).toBeLessThan(0.1 * spread("detectors"));
    expect(early?.offsets).toEqual(whole?.offsets.slice(0, early?.offsets.length));
  });

  test("an ablated detector is silent on the steered side and fires on the other", async () => {
    const { end, curves } = await ask({ steering: null, ablate: [BUSY, BUSY] });
    const sums = (side: Side) => curves[side].at(-1)?.detectors?.map((value) => value ?? 0) ?? [];
    expect(Math.max(...sums("steered"))).toBeLessThan(0.01);
    expect(Math.max(...sums("unsteered"))).toBeGreaterThan(1);
    expect(end.steered.rowsEdited).toBeGreaterThan(0);
  });

  test("a contrast of prompts steers, and only where it is asked to", async () => {
    const by: NonNullable<PlaygroundRequest["steering"]>["by"] = {
      kind: "contrast",
      positive: ["Tell me about the sea.", "Describe ships on the ocean."],
      negative: ["Tell me about an ordinary day.", "Describe a household object."],
    };
    const { end, statuses } = await ask({ steering: { by, strength: 60, positions: "generated" } });
    expect(statuses).toContain("Reading the contrast prompts");
    expect(end.steered.text).not.toBe(end.unsteered.text);
    expect(end.steered.rowsEdited).toBeLessThanOrEqual(end.steered.tokens);
  });

  test("a meta-prompt changes both sides", async () => {
    const plain = await ask();
    const told = await ask({ metaPrompt: "Answer in one short sentence about soup." });
    expect(told.end.unsteered.text).not.toBe(plain.end.unsteered.text);
    expect(told.end.steered.text).not.toBe(plain.end.steered.text);
  });
});

describe("ends", () => {
  test("a connection that closes ends both answers and frees the place", async () => {
    const gone = new AbortController();
    const response = await post("answer", { ...ASKED, temperature: 1, maxTokens: 440 }, gone.signal);
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect(new TextDecoder().decode(first?.value)).toContain("data:");
    const busy = await post("answer", ASKED);
    expect([busy.status, await busy.json()]).toMatchObject([429, { code: "TOO_MANY_ANSWERS" }]);
    gone.abort();
    const again = async () => {
      const next = await post("answer", { ...ASKED, maxTokens: 1 });
      await next.text();
      return next.status;
    };
    await expect.poll(again, { timeout: 60_000 }).toBe(200);
  });

  test.each<[string, Partial<Record<keyof PlaygroundRequest, unknown>>, number, string]>([
    [
      "a latent that the SAE lacks",
      { steering: { ...ASKED.steering, by: { kind: "latent", latent: 8192 } } },
      404,
      "LATENT_UNKNOWN",
    ],
    ["an adapter by its path", { adapter: "/etc/passwd" }, 400, "REQUEST_INVALID"],
    ["nothing to edit", { steering: null }, 400, "REQUEST_INVALID"],
    ["an empty question", { prompt: "  " }, 400, "PROMPT_EMPTY"],
    ["more tokens than there is room for", { maxTokens: 600 }, 400, "CONTEXT_OVERFLOW"],
    ["a field of the wrong type", { seed: -1 }, 400, "REQUEST_INVALID"],
    [
      "a strength that is no number",
      { steering: { ...ASKED.steering, strength: "90" } },
      400,
      "REQUEST_INVALID",
    ],
  ])("refuses %s before the stream begins", async (_, part, status, code) => {
    const response = await post("answer", { ...ASKED, ...part });
    expect([response.status, await response.json()]).toMatchObject([status, { code }]);
  });

  test("what only the engine can refuse comes as an event", async () => {
    const response = await post("answer", { ...ASKED, prompt: "word ".repeat(600) });
    const events = (await response.text()).split("\n\n").filter((block) => block !== "");
    expect(JSON.parse(events.at(-1)?.slice("data: ".length) ?? "")).toMatchObject({
      type: "problem",
      code: "CONTEXT_OVERFLOW",
    });
  });
});

describe("saved answers", () => {
  test("are a run that opens, pairs and reports", async () => {
    const first = await ask();
    const same = await ask();
    const ablated = await ask({ ablate: [BUSY] });
    expect(same.end).toEqual(first.end);
    const response = await post("save", { answers: [first.id, same.id, ablated.id], name: "tried-out" });
    expect(savedSchema.parse(await response.json())).toEqual({ run: "tried-out" });
    using store = openRun({ dir: path.join(shown, "tried-out"), mode: "read" });
    expect(store.manifest()).toMatchObject({
      design: "playground",
      judge: { id: "likelihood/2" },
      sampling: { temperature: 0, maxTokens: 32 },
    });
    const trials = [...store.trials()];
    expect(trials.map(({ arm, text }) => [arm, text])).toEqual([
      ["steered", first.end.steered.text],
      ["unsteered", first.end.unsteered.text],
      ["steered-2", ablated.end.steered.text],
    ]);
    expect(new Set(trials.map(({ unit }) => unit)).size).toBe(1);
    expect(trials[0]?.receipt?.rowsEdited).toBe(first.end.steered.rowsEdited);
    expect(store.activations({ trialKey: trials[0]?.key ?? "", name: "watched" })?.columns).toEqual([
      BUSY,
      STEERED,
    ]);
    const { summary, families } = runReport({ store });
    expect(summary.arms.map(({ arm, counts }) => [arm, counts.judged])).toEqual([
      ["steered", 1],
      ["unsteered", 1],
      ["steered-2", 1],
    ]);
    expect(families.flatMap(({ rows }) => rows)).toHaveLength(2);
  });

  test("are refused under a taken name, after they were forgotten, and where they were sampled unequally", async () => {
    const cold = await ask();
    const warm = await ask({ temperature: 1 });
    await mkdir(path.join(shown, "taken"));
    const codes = [
      await post("save", { answers: [cold.id], name: "taken" }),
      await post("save", { answers: ["none"], name: "new" }),
      await post("save", { answers: [cold.id, warm.id], name: "new" }),
      await post("save", { answers: [cold.id], name: "../new" }),
    ].map(async (response) => [response.status, Reflect.get(Object(await response.json()), "code")]);
    expect(await Promise.all(codes)).toEqual([
      [409, "RUN_EXISTS"],
      [400, "REQUEST_INVALID"],
      [409, "RUNS_UNEQUAL"],
      [400, "REQUEST_INVALID"],
    ]);
    expect(() => openRun({ dir: path.join(shown, "new"), mode: "read" })).toThrow(/There is no run/);
  });
});
