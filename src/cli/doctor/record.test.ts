import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readFastType, writeDoctorEntry } from "./record.ts";

let cacheDir = "";
beforeEach(async () => {
  cacheDir = await mkdtemp(path.join(tmpdir(), "countersteer-doctor-"));
});
afterEach(() => rm(cacheDir, { recursive: true }));

const entry = { fastType: "q8_0" as const, tokensPerSecond: {}, measuredAt: "2025-01-01T00:00:00.000Z" };

describe("doctor.json", () => {
  it("keeps one entry for each CPU", async () => {
    await writeDoctorEntry({ cacheDir, cpu: "one", entry });
    await writeDoctorEntry({ cacheDir, cpu: "two", entry: { ...entry, fastType: "bf16" } });
    expect(await readFastType({ cacheDir, cpu: "one" })).toBe("q8_0");
    expect(await readFastType({ cacheDir, cpu: "two" })).toBe("bf16");
    expect(await readFastType({ cacheDir, cpu: "three" })).toBeNull();
    expect(await readdir(cacheDir)).toEqual(["doctor.json"]);
  });

  it.each(["", "{", '{"one": {"fastType": "q2_k"}}'])(
    "counts %j as no measurement, and can be replaced",
    async (text) => {
      await writeFile(path.join(cacheDir, "doctor.json"), text);
      expect(await readFastType({ cacheDir, cpu: "one" })).toBeNull();
      await writeDoctorEntry({ cacheDir, cpu: "one", entry });
      expect(await readFastType({ cacheDir, cpu: "one" })).toBe("q8_0");
    },
  );
});
