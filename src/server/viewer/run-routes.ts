/** `/api/runs`, a run's page, its live line, stop and resume, and the comparison of arms. */
import { setTimeout as delay } from "node:timers/promises";
import { type Context, Hono } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import { trialFilterSchema } from "./api/common.ts";
import { compareQuerySchema } from "./api/compare.ts";
import type { ViewerEnvironment } from "./app.ts";
import type { OpenRuns } from "./open-runs.ts";
import type { PageMaker } from "./page-maker.ts";
import { problemOf } from "./problem.ts";
import { readQuery } from "./read-query.ts";
import type { RunControl } from "./run-control.ts";
import { runChoices } from "./run-page.ts";
import { inOrder, type RunRows } from "./run-row.ts";
import type { RunShelf, ShelvedRun } from "./run-shelf.ts";

export interface RunRoutesOptions {
  shelf: RunShelf;
  opened: OpenRuns;
  rows: RunRows;
  pages: PageMaker;
  control: RunControl;
  /** Ends every live answer. */
  signal: AbortSignal;
  /** Milliseconds between looks at a run that is watched. */
  liveEveryMs: number;
}

const JSON_TYPE = { "Content-Type": "application/json" };
/** Milliseconds after which a live answer without news says that it is alive. */
const QUIET = 15_000;

export function runRoutes(options: RunRoutesOptions): Hono<ViewerEnvironment> {
  const { shelf, opened, rows, pages, control } = options;
  const app = new Hono<ViewerEnvironment>();
  const runOf = (c: Context) => shelf.run(c.req.param("run") ?? "");

  app.get("/api/runs", (c) => c.json({ runs: inOrder(shelf.scan().map((run) => rows.row(run))) }));
  app.get("/api/runs/:run", async (c) => {
    const run = runOf(c);
    const page = await pages.runPage({ run, filter: readQuery(c, trialFilterSchema) });
    const row = JSON.stringify(rows.row(run));
    return c.body(`{"row":${row},${page.slice(1)}`, 200, JSON_TYPE);
  });
  app.get("/api/runs/:run/choices", (c) => {
    const run = runOf(c);
    return c.json({ row: rows.row(run), ...opened.read(run, (store) => runChoices({ store })) });
  });
  app.get("/api/runs/:run/live", (c) => {
    const run = runOf(c);
    // what can't be read is refused with a status, before the stream begins
    rows.live(run);
    return streamSSE(c, (stream) => watch({ ...options, run, stream }));
  });
  app.post("/api/runs/:run/stop", (c) => {
    control.stop(runOf(c));
    return c.json({}, 202);
  });
  app.post("/api/runs/:run/resume", (c) => {
    control.resume(runOf(c));
    return c.json({}, 202);
  });
  app.get("/api/compare", async (c) => {
    const { run, arm, run2 = run, arm2, ...choice } = readQuery(c, compareQuerySchema);
    const page = await pages.comparison({
      reference: { dir: shelf.run(run).dir, arm },
      treatment: { dir: shelf.run(run2).dir, arm: arm2 },
      choice,
    });
    return c.body(page, 200, JSON_TYPE);
  });
  return app;
}

interface WatchOptions extends Pick<RunRoutesOptions, "rows" | "signal" | "liveEveryMs"> {
  run: ShelvedRun;
  stream: SSEStreamingApi;
}

/** Tells the run's state at once and whenever it changes, until the client goes away; a run that can't be read any more ends it. */
async function watch({ rows, signal, liveEveryMs, run, stream }: WatchOptions): Promise<void> {
  const gone = new AbortController();
  stream.onAbort(() => gone.abort());
  const end = AbortSignal.any([signal, gone.signal]);
  let told = "";
  let quietSince = performance.now();
  while (!end.aborted) {
    let data: string;
    const asked = performance.now();
    try {
      data = JSON.stringify(rows.live(run));
    } catch (error) {
      await stream.writeSSE({ event: "problem", data: JSON.stringify(problemOf(error).problem) });
      return;
    }
    // a large run takes its time to count, which nobody else has meanwhile
    const pause = Math.max(liveEveryMs, 10 * (performance.now() - asked));
    if (data !== told) {
      await stream.writeSSE({ event: "progress", data });
      told = data;
      quietSince = performance.now();
    } else if (performance.now() - quietSince > QUIET) {
      await stream.write(": alive\n\n");
      quietSince = performance.now();
    }
    await delay(pause, undefined, { signal: end }).catch(() => undefined);
  }
}
