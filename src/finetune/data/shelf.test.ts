import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { isCode } from "../../errors.ts";
import { openShelf } from "./shelf.ts";

const value = z.strictObject({ text: z.string() });

test("what was put is there again, and a line that was being written is not", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "below", "shelf.jsonl");
  {
    await using shelf = await openShelf({ file, value, settings: "a" });
    await shelf.put("1", { text: "one\u2028line" });
    await shelf.put("2", { text: "two" });
  }
  const whole = await readFile(file, "utf8");
  await writeFile(file, whole.slice(0, -5));
  {
    await using shelf = await openShelf({ file, value, settings: "a" });
    expect([...shelf.kept]).toEqual([["1", { text: "one\u2028line" }]]);
    await shelf.put("2", { text: "two" });
  }
  expect(await readFile(file, "utf8")).toBe(whole);
});

test("a file of other settings is refused and left as it is", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "shelf.jsonl");
  {
    await using shelf = await openShelf({ file, value, settings: "a" });
    await shelf.put("1", { text: "one" });
  }
  const before = await readFile(file, "utf8");
  const refusal = await openShelf({ file, value, settings: "b" }).catch((error: unknown) => error);
  expect(isCode(refusal, "CONFIG_INVALID")).toBe(true);
  expect(await readFile(file, "utf8")).toBe(before);
});

test("a file that was cut off in its first line begins anew", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "shelf.jsonl");
  await writeFile(file, '{"settin');
  {
    await using shelf = await openShelf({ file, value, settings: "a" });
    await shelf.put("1", { text: "one" });
  }
  await using shelf = await openShelf({ file, value, settings: "a" });
  expect(shelf.kept.size).toBe(1);
});
