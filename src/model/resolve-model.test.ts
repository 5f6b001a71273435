import { createHash } from "node:crypto";
import { mkdir, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startHub } from "../../test/support/hub-server.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { KNOWN_MODELS, type KnownModel } from "./registry.ts";
import { resolveModel } from "./resolve-model.ts";

const content = Buffer.from("these are weights ".repeat(100));
const sha256 = createHash("sha256").update(content).digest("hex");
const path = "/some/repo/resolve/abc/m.gguf";
const [template] = KNOWN_MODELS;
if (template === undefined) throw new Error("the registry is empty");
const hubSource = { repo: "some/repo", revision: "abc", file: "m.gguf", sha256, size: content.length };
const tiny: KnownModel = { ...template, name: "tiny", aliases: ["tiny-it"], hub: hubSource, pypi: null };
const models = [tiny];

test("a known name is pulled once and then taken from the cache; a cut copy is pulled again", async () => {
  await using folder = await temporaryFolder();
  await using hub = await startHub({ path, content });
  const options = { model: "tiny-it", cacheDir: folder.path, hubUrl: hub.url, models };
  const first = await resolveModel(options);
  expect(first).toMatchObject({ known: tiny, source: "hub" });
  expect(await resolveModel(options)).toEqual({ ...first, source: "cache" });
  await truncate(first.path, 10);
  expect(await resolveModel(options)).toEqual(first);
});

test("the path of a file works wherever a name does, with any extension", async () => {
  await using folder = await temporaryFolder();
  for (const name of ["a.gguf", "weights"]) {
    const model = join(folder.path, name);
    await writeFile(model, content);
    expect(await resolveModel({ model, cacheDir: folder.path, models })).toEqual({
      path: model,
      known: null,
      source: "local",
    });
  }
});

test("a path without a file is unreadable, not unknown", async () => {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, "dir"));
  for (const model of [join(folder.path, "no"), "missing.gguf", join(folder.path, "dir")]) {
    const work = resolveModel({ model, cacheDir: folder.path, models });
    await expect(work).rejects.toMatchObject({ code: "MODEL_UNREADABLE" });
  }
});

test("another word is unknown, and the known names are given", async () => {
  await using folder = await temporaryFolder();
  const work = resolveModel({ model: "gpt-17", cacheDir: folder.path, models });
  await expect(work).rejects.toMatchObject({ code: "MODEL_UNKNOWN", facts: { known: ["tiny"] } });
});
