import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { writeNewFile } from "./new-file.ts";
import { temporaryBeside } from "./temporary-file.ts";
import { writeAll, writeWholeFile } from "./whole-file.ts";

/** The name that a process which is gone would have left. */
async function leftBeside(place: string): Promise<string> {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  return temporaryBeside(place).replace(`.${process.pid}-`, `.${child.pid}-`);
}

describe("temporary files", () => {
  it("of a process that is gone go with the next write to their place; others stay", async () => {
    await using folder = await temporaryFolder();
    const place = path.join(folder.path, "a.bin");
    const left = await leftBeside(place);
    const ofOthers = [
      temporaryBeside(place),
      left.replace(/a\.bin\.[\w-]+\./, "a.bin.elsewhere."),
      path.join(folder.path, "a.bin.notes.tmp"),
      await leftBeside(path.join(folder.path, "b.bin")),
    ];
    for (const file of [left, ...ofOthers]) writeFileSync(file, "half");
    const bytes = Buffer.from("whole");
    await writeWholeFile({ path: place, write: (file) => writeAll({ file, bytes }) });
    expect(existsSync(left)).toBe(false);
    expect(ofOthers.filter((file) => !existsSync(file))).toEqual([]);
    expect(readFileSync(place, "utf8")).toBe("whole");
  });

  it("of one process have different names", () => {
    expect(temporaryBeside("/none/a")).not.toBe(temporaryBeside("/none/a"));
  });
});

describe("a new file", () => {
  it("is not there before it is whole, and nothing is left beside it", async () => {
    await using folder = await temporaryFolder();
    const place = path.join(folder.path, "trials.csv");
    const result = writeNewFile({
      path: place,
      write: (temporary) => {
        writeFileSync(temporary, "all");
        expect(existsSync(place)).toBe(false);
        return 3;
      },
    });
    expect(result).toBe(3);
    expect(readdirSync(folder.path)).toEqual(["trials.csv"]);
  });

  it("leaves nothing where writing it fails, and overwrites nothing, whenever it came there", async () => {
    await using folder = await temporaryFolder();
    const place = path.join(folder.path, "trials.csv");
    const failing = () =>
      writeNewFile({
        path: place,
        write: (temporary) => {
          writeFileSync(temporary, "half");
          throw new Error("no");
        },
      });
    expect(failing).toThrow("no");
    expect(readdirSync(folder.path)).toEqual([]);
    const late = () =>
      writeNewFile({
        path: place,
        write: (temporary) => {
          writeFileSync(temporary, "ours");
          writeFileSync(place, "theirs");
        },
      });
    expect(late).toThrow(/EEXIST/);
    expect(() => writeNewFile({ path: place, write: () => {} })).toThrow(/there already/);
    expect(readFileSync(place, "utf8")).toBe("theirs");
    expect(readdirSync(folder.path)).toEqual(["trials.csv"]);
  });
});
