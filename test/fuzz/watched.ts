/** One kind in a process of its own that is watched: if it dies or stops, the case that did it is a failure, and the rest goes on without it. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Failure, KindResult } from "./loop.ts";

const program = fileURLToPath(new URL("./run-kind.ts", import.meta.url));
/** A damaged length that is believed shows as memory. */
const HEAP_MIB = 1024;

const failureSchema = z.object({ case: z.int(), message: z.string() });
const messageSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("case"), number: z.int() }),
  z.object({ type: z.literal("broken"), message: z.string() }),
  z.object({
    type: z.literal("result"),
    result: z.object({
      kind: z.string(),
      cases: z.int(),
      accepted: z.int(),
      refused: z.record(z.string(), z.int()),
      failures: z.array(failureSchema),
      slowestMs: z.number(),
    }),
  }),
]);

interface WatchOptions {
  kind: string;
  cases: readonly number[];
  /** A case that takes longer hangs. */
  limitMs: number;
}

/** Throws where the kind itself is broken: it refuses its whole inputs. */
export async function watchKind({ kind, cases, limitMs }: WatchOptions): Promise<KindResult> {
  let left = [...cases];
  const results: KindResult[] = [];
  const lost: Failure[] = [];
  while (left.length > 0) {
    const { result, stopped } = await attempt({ kind, cases: left, limitMs });
    if (result !== null) results.push(result);
    if (stopped === null) break;
    lost.push(stopped);
    // what went before it is done once more, so that its verdicts are counted
    const at = left.indexOf(stopped.case);
    const before = left.slice(0, at);
    if (before.length > 0) {
      const again = await attempt({ kind, cases: before, limitMs });
      if (again.result !== null) results.push(again.result);
    }
    left = left.slice(at + 1);
  }
  return combined({ kind, cases: cases.length, results, lost });
}

function attempt({
  kind,
  cases,
  limitMs,
}: WatchOptions): Promise<{ result: KindResult | null; stopped: Failure | null }> {
  return new Promise((resolve, reject) => {
    const child = fork(program, [kind], {
      execArgv: [`--max-old-space-size=${HEAP_MIB}`],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    let current: number | null = null;
    let result: KindResult | null = null;
    let isHung = false;
    let stderr = "";
    let timer: NodeJS.Timeout | undefined;
    const watch = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        isHung = true;
        child.kill("SIGKILL");
      }, limitMs);
    };
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-2000);
    });
    child.on("message", (value) => {
      const message = messageSchema.parse(value);
      if (message.type === "broken") reject(new Error(message.message));
      else if (message.type === "result") result = message.result;
      else {
        current = message.number;
        watch();
      }
    });
    child.on("exit", (code, signal) => {
      clearTimeout(timer);
      if (result !== null) resolve({ result, stopped: null });
      else if (current === null)
        reject(new Error(`${kind} ended with ${code ?? signal} before its first case: ${stderr}`));
      else {
        const message = isHung
          ? `no verdict within ${limitMs} ms`
          : `the process ended with ${code ?? signal}: ${stderr}`;
        resolve({ result: null, stopped: { case: current, message } });
      }
    });
    child.send({ kind, cases });
  });
}

function combined({
  kind,
  cases,
  results,
  lost,
}: {
  kind: string;
  cases: number;
  results: readonly KindResult[];
  lost: readonly Failure[];
}): KindResult {
  const refused: Record<string, number> = {};
  for (const result of results) {
    for (const [code, count] of Object.entries(result.refused)) refused[code] = (refused[code] ?? 0) + count;
  }
  return {
    kind,
    cases,
    accepted: results.reduce((sum, result) => sum + result.accepted, 0),
    refused,
    failures: [...results.flatMap((result) => result.failures), ...lost],
    slowestMs: Math.max(0, ...results.map((result) => result.slowestMs)),
  };
}
