/** A thread that makes pages of whole runs: a large run takes seconds, in which the server must go on answering. */
import { parentPort } from "node:worker_threads";
import { openRun } from "../../store/open-store.ts";
import { comparePage } from "./compare-page.ts";
import type { PageReply, PageTask } from "./page-maker.ts";
import { problemOf } from "./problem.ts";
import { runPage } from "./run-page.ts";

parentPort?.on("message", (task: PageTask) => parentPort?.postMessage(reply(task)));

function reply(task: PageTask): PageReply {
  try {
    return { json: JSON.stringify(pageOf(task)) };
  } catch (error) {
    return problemOf(error);
  }
}

function pageOf(task: PageTask): object {
  if (task.kind === "run") {
    using store = openRun({ dir: task.dir, mode: "read" });
    return runPage({ store, filter: task.filter });
  }
  const { reference, treatment, choice } = task;
  using store = openRun({ dir: reference.dir, mode: "read" });
  using other = openRun({ dir: treatment.dir, mode: "read" });
  return comparePage({
    reference: { store, arm: reference.arm },
    // within one run what was read for one arm serves the other
    treatment: { store: reference.dir === treatment.dir ? store : other, arm: treatment.arm },
    ...choice,
  });
}
