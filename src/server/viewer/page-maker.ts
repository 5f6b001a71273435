/** Pages that are made of whole runs: one after another, in a thread of their own, and those of one run kept until it is written to. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { canonicalJson } from "../../store/canonical-json.ts";
import type { Problem, ViewFilter } from "./api/common.ts";
import type { ComparisonChoice } from "./compare-page.ts";
import { HttpProblem } from "./problem.ts";
import type { ShelvedRun } from "./run-shelf.ts";
import { VersionCache } from "./version-cache.ts";

export type PageTask =
  /** All of a `RunPage` but its row. */
  | { kind: "run"; dir: string; filter: ViewFilter }
  /** A `ComparePage`. */
  | {
      kind: "comparison";
      reference: { dir: string; arm: string };
      treatment: { dir: string; arm: string };
      choice: ComparisonChoice;
    };

/** A page as JSON, or why there is none. */
export type PageReply = { json: string } | { status: ContentfulStatusCode; problem: Problem };

/** Pages with their figures take some hundred kilobytes each. */
const MOST_KEPT = 40;

export class PageMaker {
  readonly #pages = new VersionCache<Promise<string>>({ most: MOST_KEPT });
  #worker: Worker | null = null;
  #last: Promise<unknown> = Promise.resolve();

  /** Throws what `runPage` throws, as a refusal. */
  runPage({ run, filter }: { run: ShelvedRun; filter: ViewFilter }): Promise<string> {
    const what = canonicalJson(filter);
    const page = this.#pages.get({
      run,
      what,
      make: () => this.#make({ kind: "run", dir: run.dir, filter }),
    });
    page.catch(() => this.#pages.forget({ run, what }));
    return page;
  }

  /** Throws what `comparePage` throws, as a refusal. */
  comparison(options: Omit<Extract<PageTask, { kind: "comparison" }>, "kind">): Promise<string> {
    return this.#make({ kind: "comparison", ...options });
  }

  /** Starts the thread before it is needed: it loads what draws figures for a second or so. */
  warm(): void {
    this.#running();
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #make(task: PageTask): Promise<string> {
    const made = this.#last.then(() => this.#ask(task));
    this.#last = made.catch(() => undefined);
    return made;
  }

  async #ask(task: PageTask): Promise<string> {
    const worker = this.#running();
    const ended = new AbortController();
    const onExit = () => ended.abort();
    worker.once("exit", onExit);
    try {
      // rejects with the thread's error as well
      const reply = once(worker, "message", { signal: ended.signal });
      worker.postMessage(task);
      // only `page-worker.ts` sends messages here
      const [answer] = (await reply) as [PageReply];
      if ("json" in answer) return answer.json;
      throw new HttpProblem({ status: answer.status, ...answer.problem });
    } finally {
      worker.off("exit", onExit);
    }
  }

  #running(): Worker {
    this.#worker ??= this.#start();
    return this.#worker;
  }

  #start(): Worker {
    // the same extension as this file: `.ts` in development, `.js` when built
    const entry = import.meta.url.endsWith(".ts") ? "page-worker.ts" : "page-worker.js";
    const worker = new Worker(new URL(entry, import.meta.url));
    worker.unref();
    worker.once("exit", () => {
      if (this.#worker === worker) this.#worker = null;
    });
    return worker;
  }
}
