/**
 * Cell `vllm-client`: how many vLLM servers one client process keeps busy, and where it stops. The servers are canned: they answer after a
 * time drawn from a measured distribution, so nothing but the client and the way to it is measured.
 */
import { fork, type Serializable } from "node:child_process";
import { readFileSync } from "node:fs";
import os from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { type GenerationRequest, GREEDY } from "../src/engine/engine.ts";
import { openVllmEngine } from "../src/engine/vllm/engine.ts";
import type { Cell } from "./cell.ts";
import type { BenchRun } from "./result.ts";
import {
  cannedCompletion,
  cannedHealth,
  D_MODEL,
  PROMPT_TOKENS,
  STEERED_LAYER,
} from "./vllm-client/canned-answers.ts";

const SERVERS = fileURLToPath(new URL("./vllm-client/canned-servers.ts", import.meta.url));
const LATENCY = new URL("./vllm-client/latency-quantiles.json", import.meta.url);
const TOKENS = 400;
const IN_FLIGHT = 256;

interface Point {
  replicas: number;
  inFlight: number;
  /** Mean time to an answer, in seconds. */
  meanSeconds: number;
}

/** First more servers at one speed, then the most servers ever faster, until the client can't follow. */
const FULL: Point[] = [
  ...[1, 8, 32].map((replicas) => ({ replicas, inFlight: IN_FLIGHT, meanSeconds: 20 })),
  ...[40, 20, 10, 5, 2.5].map((meanSeconds) => ({ replicas: 64, inFlight: IN_FLIGHT, meanSeconds })),
];
const SMOKE: Point[] = [{ replicas: 4, inFlight: 16, meanSeconds: 0.2 }];

const latencySchema = z.object({ source: z.string(), quantiles: z.array(z.number().positive()).min(2) });
const portsSchema = z.object({ ports: z.array(z.number()) });
const meterSchema = z.object({
  meter: z.object({ integral: z.number(), answered: z.number(), open: z.number(), cpuSeconds: z.number() }),
});

export const measureVllmClient: Cell = async ({ smoke, log }) => {
  const latency = latencySchema.parse(JSON.parse(readFileSync(LATENCY, "utf8")));
  const runs: BenchRun[] = [];
  for (const point of smoke ? SMOKE : FULL) {
    const run = await measurePoint({ point, quantiles: latency.quantiles });
    runs.push(run);
    const { requestsPerSecond = 0, busy = 0, cpu = 0 } = run.client ?? {};
    log(
      `${run.variant}: ${requestsPerSecond.toFixed(0)} requests/s, servers ${(100 * busy).toFixed(1)} % busy, client ${(100 * cpu).toFixed(0)} % of a core`,
    );
  }
  return {
    libraries: { node: process.version },
    settings: {
      latency: latency.source,
      answerTokens: TOKENS,
      promptTokens: PROMPT_TOKENS,
      answerBytes: JSON.stringify(cannedCompletion({ tokens: TOKENS })).length,
      cores: os.availableParallelism(),
    },
    runs,
  };
};

async function measurePoint({ point, quantiles }: { point: Point; quantiles: number[] }): Promise<BenchRun> {
  const { replicas, inFlight, meanSeconds } = point;
  const child = fork(SERVERS, { execArgv: [], stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const answerOf = <T>(message: Serializable, schema: z.ZodType<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      child.once("message", (answer) => {
        const read = schema.safeParse(answer);
        if (read.success) resolve(read.data);
        else reject(new Error(`the servers answered ${JSON.stringify(answer)}`));
      });
      child.send(message);
    });
  try {
    const open = {
      servers: replicas,
      health: JSON.stringify(cannedHealth()),
      completion: JSON.stringify(cannedCompletion({ tokens: TOKENS })),
      meanMs: 1000 * meanSeconds,
      quantiles,
      seed: 1,
    };
    const { ports } = await answerOf({ open }, portsSchema);
    const engine = await openVllmEngine({ urls: ports.map((port) => `http://127.0.0.1:${port}`), inFlight });
    const controller = new AbortController();
    let results = 0;
    const warmUp = 2 * meanSeconds + 2;
    const measured = Math.max(3, meanSeconds);
    const turns = Math.ceil((warmUp + measured) / meanSeconds) + 3;
    const reading = readAll({
      results: engine.generate(endless(turns * replicas * inFlight), { signal: controller.signal }),
      onResult: () => results++,
    });
    // every slot has been filled and has turned over once before the clock runs
    await delay(1000 * warmUp);
    const [before, cpuBefore, began, had] = [
      await answerOf("meter", meterSchema),
      process.cpuUsage(),
      performance.now(),
      results,
    ];
    await delay(1000 * measured);
    const after = await answerOf("meter", meterSchema);
    const cpu = process.cpuUsage(cpuBefore);
    const seconds = (performance.now() - began) / 1000;
    const requests = results - had;
    const rssMiB = process.memoryUsage().rss / 2 ** 20;
    controller.abort();
    await reading;
    const { retries } = engine.traffic();
    await engine.close();
    const cpuSeconds = (cpu.user + cpu.system) / 1e6;
    return {
      group: "client",
      rows: replicas * inFlight,
      variant: `${replicas} x ${inFlight}, answers after ${meanSeconds} s`,
      repetition: 0,
      tokens: Math.max(1, requests * TOKENS),
      seconds,
      rowsEdited: requests * (PROMPT_TOKENS + TOKENS - 1),
      client: {
        replicas,
        inFlight,
        meanSeconds,
        requestsPerSecond: requests / seconds,
        busy: (after.meter.integral - before.meter.integral) / (1000 * seconds * replicas * inFlight),
        cpu: cpuSeconds / seconds,
        serverCpu: (after.meter.cpuSeconds - before.meter.cpuSeconds) / seconds,
        rssMiB,
        retries,
      },
    };
  } finally {
    child.kill();
  }
}

/** More than can be answered: the clock ends the call. */
function endless(count: number): GenerationRequest[] {
  const tokens = new Int32Array(PROMPT_TOKENS).fill(7);
  const vector = new Float32Array(D_MODEL).fill(0.1);
  return Array.from({ length: count }, (_, i) => ({
    id: String(i),
    tokens,
    sampling: { ...GREEDY, temperature: 0.6, seed: i, maxTokens: TOKENS },
    intervention: {
      layer: STEERED_LAYER,
      positions: { kind: "all" },
      edits: [{ kind: "add", direction: { vector }, strength: 60 }],
    },
  }));
}

async function readAll({
  results,
  onResult,
}: {
  results: AsyncIterable<unknown>;
  onResult: () => void;
}): Promise<void> {
  try {
    for await (const _ of results) onResult();
  } catch {
    // the clock ended the call
  }
}
