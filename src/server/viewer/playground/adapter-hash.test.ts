import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TemporaryFolder, temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { adapters, writeTinyModel } from "../../../../test/support/tiny-adapter.ts";
import { readBaseModel } from "../../../finetune/adapter/base-model.ts";
import { resolveAdapter } from "../../../finetune/adapter/resolve-adapter.ts";
import { writeGgufLora } from "../../../finetune/adapter/write-gguf.ts";
import { writePeft } from "../../../finetune/adapter/write-peft.ts";
import { adapterHash } from "./adapter-hash.ts";

let folder: TemporaryFolder;
let model: string;
const file = (name: string) => path.join(folder.path, name);

beforeAll(async () => {
  folder = await temporaryFolder();
  model = file("model.gguf");
  await writeTinyModel({ path: model });
  const [adapter] = fc.sample(adapters, { numRuns: 1, seed: 1 });
  if (adapter === undefined) throw new Error("no adapter was made");
  const base = await readBaseModel({ path: model });
  await writeGgufLora({ path: file("resist.gguf"), ...adapter, architecture: base.architecture });
  await writePeft({ dir: file("resist"), ...adapter, baseModel: "tiny", model: base });
});
afterAll(() => folder[Symbol.asyncDispose]());

const hashOf = (name: string, of: string | null = model) =>
  adapterHash({ path: file(name), model: of, cacheDir: file("cache") });

test("an adapter has the hash that a run which used it names, in either format", async () => {
  for (const name of ["resist.gguf", "resist"]) {
    const used = await resolveAdapter({ path: file(name), model, cacheDir: file("cache") });
    expect(await hashOf(name)).toBe(used.hash);
  }
});

test("a file is known without the model, a folder is not", async () => {
  expect(await hashOf("resist.gguf", null)).toMatch(/^[0-9a-f]{64}$/);
  expect(await hashOf("resist", null)).toBeNull();
});

test("what is no adapter has no hash", async () => {
  await mkdir(file("empty"), { recursive: true });
  await writeFile(file("broken.gguf"), "no gguf");
  expect(await hashOf("empty")).toBeNull();
  expect(await hashOf("nowhere.gguf")).toBeNull();
  expect(await hashOf("broken.gguf")).not.toBe(await hashOf("resist.gguf"));
});
