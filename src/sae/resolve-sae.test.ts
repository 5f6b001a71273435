import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startHubRepo } from "../../test/support/hub-repo.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { parseHubName, resolveSae } from "./resolve-sae.ts";

const weights = Buffer.from("these are weights ".repeat(500));
const config = Buffer.from('{"architecture":"standard"}');
const files = {
  "README.md": Buffer.from("read me"),
  "layer_16/width_16k/average_l0_78/params.npz": weights,
  "saelens/cfg.json": config,
  "saelens/sae_weights.safetensors": weights,
  "saelens/sparsity.safetensors": weights,
  "SAE-l50.pt": weights,
};
const repo = "google/gemma-scope-2b-pt-res";

describe("the name of an SAE on the hub", () => {
  test.each([
    ["hf:a/b", { repo: "a/b", revision: "main", path: "" }],
    ["hf:a/b/c/d_1", { repo: "a/b", revision: "main", path: "c/d_1" }],
    ["hf:a/b.c@abc123/d/", { repo: "a/b.c", revision: "abc123", path: "d" }],
  ])("%s", (name, expected) => {
    expect(parseHubName(name)).toEqual(expected);
  });

  test.each(["hf:", "hf:a", "hf:a/b/../../c", "hf:a b/c"])("%s is refused", (name) => {
    expect(() => parseHubName(name)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});

describe("an SAE on the hub", () => {
  test("comes with the files that a reader needs and no others, and a second time without the network", async () => {
    await using folder = await temporaryFolder();
    await using hub = await startHubRepo({ repo, files });
    const options = { sae: `hf:${repo}/saelens`, cacheDir: folder.path, hubUrl: hub.url };
    const path = await resolveSae(options);
    expect((await readFile(join(path, "cfg.json"))).equals(config)).toBe(true);
    expect((await readFile(join(path, "sae_weights.safetensors"))).equals(weights)).toBe(true);
    expect(hub.seen.some((line) => line.includes("sparsity"))).toBe(false);
    const requests = hub.seen.length;
    expect(await resolveSae(options)).toBe(path);
    expect(hub.seen).toHaveLength(requests);
  });

  test("keeps its path in the repository, by which a reader knows the layer", async () => {
    await using folder = await temporaryFolder();
    await using hub = await startHubRepo({ repo, files });
    const sae = `hf:${repo}/layer_16/width_16k/average_l0_78`;
    const path = await resolveSae({ sae, cacheDir: folder.path, hubUrl: hub.url });
    expect(path).toBe(join(folder.path, "sae", repo, "main", "layer_16/width_16k/average_l0_78"));
  });

  test("may be one file", async () => {
    await using folder = await temporaryFolder();
    await using hub = await startHubRepo({ repo, files });
    const path = await resolveSae({ sae: `hf:${repo}/SAE-l50.pt`, cacheDir: folder.path, hubUrl: hub.url });
    expect((await readFile(path)).equals(weights)).toBe(true);
    expect(hub.seen.some((line) => line.includes("README"))).toBe(false);
  });

  test("a folder without weights is refused, and what it holds is named", async () => {
    await using folder = await temporaryFolder();
    await using hub = await startHubRepo({ repo, files });
    const work = resolveSae({ sae: `hf:${repo}/layer_16`, cacheDir: folder.path, hubUrl: hub.url });
    await expect(work).rejects.toMatchObject({ code: "DOWNLOAD_FAILED", why: "It holds width_16k/." });
  });

  test("a gated repository is told from a broken network", async () => {
    await using folder = await temporaryFolder();
    await using hub = await startHubRepo({ repo, files, failures: [{ status: 401 }] });
    const work = resolveSae({ sae: `hf:${repo}/saelens`, cacheDir: folder.path, hubUrl: hub.url });
    await expect(work).rejects.toMatchObject({
      code: "DOWNLOAD_FAILED",
      facts: { status: 401 },
      why: expect.stringContaining("gated"),
    });
  });

  test("a server that asks for patience gets it, for as long as it says", async () => {
    await using folder = await temporaryFolder();
    const failures = [{ status: 429, headers: { "retry-after": "7" } }];
    await using hub = await startHubRepo({ repo, files, failures });
    const waits: number[] = [];
    const sleep = async (ms: number) => void waits.push(ms);
    const options = { sae: `hf:${repo}/SAE-l50.pt`, cacheDir: folder.path, hubUrl: hub.url };
    expect(await resolveSae({ ...options, transfer: { sleep } })).toContain("SAE-l50.pt");
    expect(waits).toEqual([7000]);
  });

  test("a server that never lets up is told of, with what to do", async () => {
    await using folder = await temporaryFolder();
    const failures = Array.from({ length: 9 }, () => ({ status: 429 }));
    await using hub = await startHubRepo({ repo, files, failures });
    const options = { sae: `hf:${repo}/SAE-l50.pt`, cacheDir: folder.path, hubUrl: hub.url };
    const work = resolveSae({ ...options, transfer: { sleep: async () => {} } });
    await expect(work).rejects.toMatchObject({ code: "DOWNLOAD_FAILED", facts: { status: 429 } });
  });

  test.each(["saelens", "SAE-l50.pt"])(
    "%s with a wrong checksum is refused and asked for again",
    async (path) => {
      await using folder = await temporaryFolder();
      const options = { sae: `hf:${repo}/${path}`, cacheDir: folder.path };
      await using bad = await startHubRepo({ repo, files, wrongHash: "0".repeat(64) });
      await expect(resolveSae({ ...options, hubUrl: bad.url })).rejects.toMatchObject({
        code: "CHECKSUM_MISMATCH",
      });
      await using good = await startHubRepo({ repo, files });
      await expect(resolveSae({ ...options, hubUrl: good.url })).resolves.toContain(path);
    },
  );
});
