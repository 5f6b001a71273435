/** What every file of these tests begins with: made-up runs, the viewer over them, and a browser. */
import path from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { runListSchema } from "../../../src/server/viewer/api/runs.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";
import { launch, openPage, type WatchedPage } from "./browser.ts";
import { type MadeRuns, makeRuns } from "./made-runs.ts";
import { type RunningView, startView } from "./view.ts";

export interface Harness {
  view: RunningView;
  /** Ids of the runs. */
  runs: MadeRuns;
  /** Loads an address of the viewer in a fresh page. @param at path and query. @default the link that was printed, with its token */
  open: (at?: string | null, options?: Partial<Parameters<typeof openPage>[0]>) => Promise<WatchedPage>;
}

/** Set up before the tests of the calling `describe`, taken down after them. */
export function useHarness({ args = ["--no-playground"] }: { args?: readonly string[] } = {}): () => Harness {
  let folder: TemporaryFolder | undefined;
  let view: RunningView | undefined;
  let browser: Browser | undefined;
  let harness: Harness | undefined;
  beforeAll(async () => {
    folder = await temporaryFolder();
    const shown = path.join(folder.path, "runs");
    const names = await makeRuns(shown);
    const started = await startView({ folder: shown, args });
    view = started;
    const runs = await idsOf({ view: started, names });
    const launched = await launch();
    browser = launched;
    harness = {
      view: started,
      runs,
      open: (at = null, options = {}) =>
        openPage({ browser: launched, url: at === null ? started.link : started.url + at, ...options }),
    };
  });
  afterAll(async () => {
    await browser?.close();
    await view?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });
  return () => {
    if (harness === undefined) throw new Error("not set up yet");
    return harness;
  };
}

async function idsOf({ view, names }: { view: RunningView; names: MadeRuns }): Promise<MadeRuns> {
  const { runs } = runListSchema.parse(await (await fetch(`${view.url}/api/runs`)).json());
  const idOf = (name: string) => {
    const run = runs.find((each) => each.name === name);
    if (run === undefined) throw new Error(`the viewer shows no run ${name}`);
    return run.id;
  };
  return { plain: idOf(names.plain), other: idOf(names.other), hostile: idOf(names.hostile) };
}

/** Closes the page, in which nothing may have gone wrong unseen, except what is `refused` on purpose. */
export async function closeClean(watched: WatchedPage, refused?: RegExp): Promise<void> {
  expect(watched.faults().filter((fault) => refused?.test(fault) !== true)).toEqual([]);
  await watched[Symbol.asyncDispose]();
}
