import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { adapterPath, shippedAdapters, shippedData } from "./shipped-adapters.ts";

describe("shipped adapters", () => {
  const assets = mkdtempSync(join(os.tmpdir(), "countersteer-shipped-"));
  const folder = join(assets, "a-model", "adapters", "corrects");
  mkdirSync(folder, { recursive: true });
  mkdirSync(join(assets, "prompts"));
  writeFileSync(join(folder, "adapter.gguf"), "");
  afterAll(() => rmSync(assets, { recursive: true }));

  test("go by the name of their folder, and folders without adapters are none", () => {
    expect([...shippedAdapters({ assets })]).toEqual([["corrects", join(folder, "adapter.gguf")]]);
    expect(adapterPath({ path: "corrects", assets })).toBe(join(folder, "adapter.gguf"));
  });

  test("a path that is there is itself, whatever is shipped; one that is nowhere stays as it was given", () => {
    expect(adapterPath({ path: folder, assets })).toBe(folder);
    expect(adapterPath({ path: "no/such", assets })).toBe("no/such");
  });

  test("know what they were trained on; a path does not", () => {
    expect(shippedData({ path: "corrects", assets })).toBe(join(folder, "data.jsonl"));
    expect(shippedData({ path: folder, assets })).toBeNull();
    expect(shippedData({ path: "no/such", assets })).toBeNull();
  });
});
