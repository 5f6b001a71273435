import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TemporaryFolder, temporaryFolder } from "../../test/support/temporary-folder.ts";
import { type NpyArray, npyBytes, tinyNpz } from "../../test/support/tiny-npz.ts";
import { tinyZip } from "../../test/support/tiny-zip.ts";
import { openNpz } from "./npz-file.ts";
import { readRows } from "./read-rows.ts";

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

let files = 0;
function fileOf(bytes: Buffer): string {
  files += 1;
  const path = join(folder.path, `${files}.npz`);
  writeFileSync(path, bytes);
  return path;
}

const data = Float32Array.of(1, 2, 3, 4, 5, 6);
const matrix: NpyArray = { shape: [2, 3], data };

function rowsOf(path: string): number[] {
  const file = openNpz({ path });
  const tensor = file.tensors.get("w");
  if (tensor === undefined) throw new Error("no array w");
  const rows = [...readRows({ tensor, rows: [0, 1] })];
  file.close();
  return rows;
}

describe("an array is the same", () => {
  test.each([
    ["stored", tinyNpz({ arrays: { w: matrix } })],
    ["deflated", tinyNpz({ arrays: { w: matrix }, deflate: true })],
    [
      "in Fortran's order",
      tinyNpz({
        arrays: { w: { shape: [2, 3], data: Float32Array.of(1, 4, 2, 5, 3, 6), fortranOrder: true } },
      }),
    ],
    ["as float16", tinyNpz({ arrays: { w: { shape: [2, 3], data: new Float16Array(data) } } })],
    ["as float64", tinyNpz({ arrays: { w: { shape: [2, 3], data: new Float64Array(data) } } })],
    [
      "in a zip64 file",
      tinyZip({ parts: [{ name: "w.npy", bytes: npyBytes(matrix), deflate: false }], zip64: true }),
    ],
  ])("%s", (_, bytes) => {
    expect(rowsOf(fileOf(bytes))).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe("is refused", () => {
  const whole = tinyNpz({ arrays: { w: matrix } });
  const wrongName = (() => {
    const bytes = Buffer.from(whole);
    bytes.write("v", bytes.indexOf("w.npy"));
    return bytes;
  })();

  test.each<[string, string, Buffer]>([
    ["no zip", "SAE_UNREADABLE", Buffer.from("not a zip at all, whatever its name says")],
    ["nothing", "SAE_UNREADABLE", Buffer.alloc(0)],
    ["too few numbers", "SAE_UNREADABLE", tinyNpz({ arrays: { w: { shape: [2, 4], data } } })],
    ["too many numbers", "SAE_UNREADABLE", tinyNpz({ arrays: { w: { shape: [2, 2], data } } })],
    ["big-endian numbers", "SAE_UNSUPPORTED", tinyNpz({ arrays: { w: { ...matrix, descr: ">f4" } } })],
    ["whole numbers", "SAE_UNSUPPORTED", tinyNpz({ arrays: { w: { ...matrix, descr: "<i4" } } })],
    ["a header that is code", "SAE_UNREADABLE", tinyNpz({ arrays: { w: { ...matrix, descr: "'+f()+'" } } })],
    [
      "an array that is text",
      "SAE_UNREADABLE",
      tinyZip({ parts: [{ name: "w.npy", bytes: Buffer.from("short"), deflate: false }] }),
    ],
    ["a local header of another member", "SAE_UNREADABLE", wrongName],
  ])("%s", (_, code, bytes) => {
    expect(() => openNpz({ path: fileOf(bytes) })).toThrow(expect.objectContaining({ code }));
  });

  test("a file that is cut at any byte", () => {
    for (let length = 0; length < whole.length; length += 7) {
      expect(() => openNpz({ path: fileOf(whole.subarray(0, length)) })).toThrow(
        expect.objectContaining({ code: "SAE_UNREADABLE" }),
      );
    }
  });

  test("a packed member with a flipped bit", () => {
    const bytes = tinyNpz({ arrays: { w: matrix }, deflate: true });
    const at = bytes.indexOf("w.npy") + 30;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    expect(() => openNpz({ path: fileOf(bytes) })).toThrow(/damaged/);
  });

  test("a packed member that claims to be larger than packing can make it, before it is unpacked", () => {
    const bytes = tinyNpz({ arrays: { w: matrix }, deflate: true });
    bytes.writeUInt32LE(400 * 2 ** 20, bytes.lastIndexOf("w.npy") - 46 + 24);
    expect(() => openNpz({ path: fileOf(bytes) })).toThrow(/can't have 419430400 bytes/);
  });
});
