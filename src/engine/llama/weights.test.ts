import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { prepareWeights } from "./weights.ts";

test("an unfinished copy of a process that was killed is removed, one that is being written and other files are not", async () => {
  await using folder = await temporaryFolder();
  const weights = path.join(folder.path, "weights");
  mkdirSync(weights);
  const names = [
    "aaaaaaaaaaaaaaaa.q4_0.gguf.11.tmp",
    "aaaaaaaaaaaaaaaa.q4_0.gguf.12.tmp",
    "bbbb.q4_0.gguf.11.tmp",
  ];
  for (const [i, name] of names.entries()) {
    const file = path.join(weights, name);
    writeFileSync(file, "");
    const minutesAgo = i === 1 ? 5 : 300;
    utimesSync(file, new Date(), new Date(Date.now() - 60_000 * minutesAgo));
  }
  const made = prepareWeights({
    path: path.join(folder.path, "no.gguf"),
    fileHash: "a".repeat(64),
    weightType: "q4_1",
    mode: "fast",
    fastType: "q4_0",
    cacheDir: folder.path,
    threads: 1,
  });
  await expect(made).rejects.toMatchObject({ code: "MODEL_UNREADABLE" });
  expect(readdirSync(weights).sort()).toEqual(names.slice(1));
});
