/** An empty run of its own for each test of a file, closed and removed after it. */
import { afterEach, beforeEach } from "vitest";
import { createRun } from "../../src/store/open-store.ts";
import type { RunStore } from "../../src/store/run-store.ts";
import { manifestRecord } from "./run-records.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

/** Called once, outside of tests; `onOpen` gets the store before each. */
export function eachEmptyRun(onOpen: (store: RunStore) => void): void {
  let folder: TemporaryFolder;
  let store: RunStore;
  beforeEach(async () => {
    folder = await temporaryFolder();
    store = createRun({ dir: folder.path, manifest: manifestRecord() });
    onOpen(store);
  });
  afterEach(async () => {
    store.close();
    await folder[Symbol.asyncDispose]();
  });
}
