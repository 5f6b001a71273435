import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { openShelf } from "./shelf.ts";

const value = z.strictObject({ text: z.string() });

test("what was put is there again, and a line that was being written is not", async () => {
  await using temporary = await temporaryFolder();
  const folder = join(temporary.path, "below");
  const open = () => openShelf({ folder, name: "shelf", value, settings: { seed: 1 } });
  {
    await using shelf = await open();
    await shelf.put("1", { text: "one\u2028line" });
    await shelf.put("2", { text: "two" });
  }
  const [name = ""] = await readdir(folder);
  const whole = await readFile(join(folder, name), "utf8");
  for (const cut of [whole.length - 5, whole.length - 1, 3]) {
    await writeFile(join(folder, name), whole.slice(0, cut));
    {
      await using shelf = await open();
      expect(shelf.kept.get("2")).toBeUndefined();
      if (!shelf.kept.has("1")) await shelf.put("1", { text: "one\u2028line" });
      await shelf.put("2", { text: "two" });
    }
    expect(await readFile(join(folder, name), "utf8")).toBe(whole);
  }
});

test("other settings have a shelf of their own, and the first is found again", async () => {
  await using folder = await temporaryFolder();
  const open = (seed: number) => openShelf({ folder: folder.path, name: "shelf", value, settings: { seed } });
  {
    await using shelf = await open(1);
    await shelf.put("1", { text: "one" });
  }
  {
    await using shelf = await open(2);
    expect(shelf.kept.size).toBe(0);
    await shelf.put("1", { text: "another" });
  }
  await using shelf = await open(1);
  expect([...shelf.kept]).toEqual([["1", { text: "one" }]]);
});
