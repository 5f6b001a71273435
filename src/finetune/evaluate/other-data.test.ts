import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { otherData } from "./other-data.ts";

test("an adapter whose recipe names other data is told by them, and nothing is said where there is no recipe", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "adapter.gguf");
  await writeFile(file, "");
  expect(await otherData({ adapter: file, sha256: "one" })).toBeNull();
  await writeFile(
    join(folder.path, "recipe.yaml"),
    "model: m\nprovenance: {data: {file: d.jsonl, sha256: one, examples: 3}}\n",
  );
  for (const adapter of [file, folder.path]) {
    expect(await otherData({ adapter, sha256: "one" })).toBeNull();
    expect(await otherData({ adapter, sha256: "two" })).toBe("d.jsonl");
  }
  await writeFile(join(folder.path, "recipe.yaml"), "model: m\n");
  expect(await otherData({ adapter: file, sha256: "two" })).toBeNull();
});
