import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { parseConfig } from "../experiment/config.ts";
import { findPreset, PRESET_NAMES } from "../experiment/presets.ts";
import { settingsOf } from "./run-options.ts";

test("the documented configuration is valid and says the defaults", async () => {
  const page = await readFile(new URL("../../docs/configuration.md", import.meta.url), "utf8");
  const example = /```yaml\n(.*?)```/s.exec(page)?.[1] ?? "";
  const { designs, ...documented } = parseConfig({
    settings: parse(example),
    source: "docs/configuration.md",
  });
  const { designs: _, ...defaults } = parseConfig({ settings: {}, source: "nothing" });
  expect(designs).toEqual(["baseline", "esr"]);
  expect(documented).toEqual(defaults);
});

test("every preset is valid", async () => {
  for (const name of PRESET_NAMES) {
    const { preset, config } = await settingsOf({ source: name, flags: {} });
    expect(preset).toBe(name);
    expect(config).toEqual(parseConfig({ settings: findPreset(name), source: name }));
  }
});

test("a flag goes over its one field and leaves the others of its group", async () => {
  const plain = (await settingsOf({ source: "demo", flags: {} })).config;
  const { config } = await settingsOf({
    source: "demo",
    flags: { queries: 3, seed: 9, design: "esr, baseline" },
  });
  expect(config).toEqual({
    ...plain,
    threshold: { ...plain.threshold, maxQueries: 3 },
    seed: 9,
    designs: ["esr", "baseline"],
  });
});

test("a limit takes fewer latents first, then fewer trials of the last one, and never exceeds itself", async () => {
  for (const limit of [1, 3, 4, 7, 20, 1000]) {
    const { config } = await settingsOf({ source: "demo", flags: { limit } });
    expect(config.latents.count * config.trialsPerLatent).toBeLessThanOrEqual(Math.max(limit, 1));
    expect(config.latents.count).toBeLessThanOrEqual(12);
  }
});

test("a file with an unknown field is refused by the field's name, and a file that is no mapping as well", async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, "run.yaml");
  await writeFile(file, "layerr: 3\n");
  await expect(settingsOf({ source: file, flags: {} })).rejects.toThrow(/layerr/);
  await writeFile(file, "- 3\n");
  await expect(settingsOf({ source: file, flags: {} })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
});
