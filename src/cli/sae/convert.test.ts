import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { SAE_DATA, saeRows } from "../../../test/support/sae-data.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { encodeRows } from "../../sae/encode.ts";
import { openDictionary } from "../../sae/open-dictionary.ts";

function countersteer(...words: string[]): Promise<{ code: number; answer: unknown }> {
  return new Promise((done) => {
    const child = execFile(process.execPath, ["bin/countersteer.js", ...words, "--json"], (_, stdout) => {
      done({ code: child.exitCode ?? -1, answer: stdout === "" ? null : JSON.parse(stdout) });
    });
  });
}

test("info and encodings of a converted dictionary are the original's, and it is not written over", async () => {
  await using folder = await temporaryFolder();
  const original = `${SAE_DATA}/sparsify`;
  const out = join(folder.path, "converted");
  const converted = await countersteer("sae", "convert", original, out);
  expect(converted).toMatchObject({ code: 0, answer: { format: "sparsify", dtype: "float32", rounded: 0 } });
  const told = ["architecture", "dModel", "latents", "k", "layer", "decoderNorms", "thresholds", "dtype"];
  const facts = (answer: unknown) =>
    Object.entries(z.record(z.string(), z.unknown()).parse(answer)).filter(([name]) => told.includes(name));
  const before = await countersteer("sae", "info", original);
  const after = await countersteer("sae", "info", out);
  expect(facts(after.answer)).toEqual(facts(before.answer));
  expect(facts(after.answer)).toHaveLength(told.length);
  const rows = saeRows();
  expect(encodeRows({ dictionary: openDictionary({ path: out }), rows })).toEqual(
    encodeRows({ dictionary: openDictionary({ path: original }), rows }),
  );
  const again = await countersteer("sae", "convert", original, out);
  expect(again.code).not.toBe(0);
  expect(JSON.stringify(again.answer)).toContain("CONFIG_INVALID");
}, 60_000);

test("a hostile torch file is refused by what it wanted to call", async () => {
  const { code, answer } = await countersteer("sae", "info", `${SAE_DATA}/goodfire/evil.pt`);
  expect(code).not.toBe(0);
  expect(JSON.stringify(answer)).toContain("posix.system");
}, 60_000);
