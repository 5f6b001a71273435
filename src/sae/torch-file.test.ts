import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SAE_DATA } from "../../test/support/sae-data.ts";
import { type TemporaryFolder, temporaryFolder } from "../../test/support/temporary-folder.ts";
import {
  call,
  dict,
  global,
  int,
  op,
  orderedDict,
  program,
  tensor,
  text,
  tinyTorch,
  tuple,
} from "../../test/support/tiny-torch.ts";
import { CountersteerError } from "../errors.ts";
import { float32ToBfloat16 } from "./float-bits.ts";
import { readRows } from "./read-rows.ts";
import { openTorch } from "./torch-file.ts";

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

let files = 0;
function fileOf(options: Parameters<typeof tinyTorch>[0]): string {
  files += 1;
  const path = join(folder.path, `${files}.pt`);
  writeFileSync(path, tinyTorch(options));
  return path;
}

const storages = { "0": Float32Array.of(9, 1, 2, 3, 4, 5, 6) };
const plain = { storage: "0", elements: 7, shape: [2, 3], strides: [3, 1], offset: 1 };

function rowsOf(options: Parameters<typeof tinyTorch>[0]): number[] {
  const file = openTorch({ path: fileOf(options) });
  const found = file.tensors.get("w");
  if (found === undefined) throw new Error("no tensor w");
  const rows = [
    ...readRows({ tensor: found, rows: Array.from({ length: found.shape[0] ?? 0 }, (_, i) => i) }),
  ];
  file.close();
  return rows;
}

function refusal(path: string): CountersteerError {
  try {
    openTorch({ path });
  } catch (error) {
    if (error instanceof CountersteerError) return error;
    throw error;
  }
  throw new Error("was not refused");
}

describe("a tensor is the elements at its offset and strides", () => {
  test("a view behind an offset", () => {
    expect(rowsOf({ pickle: program(dict(text("w"), tensor(plain))), storages })).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("transposed", () => {
    const code = tensor({ ...plain, shape: [3, 2], strides: [1, 3] });
    expect(rowsOf({ pickle: program(dict(text("w"), code)), storages })).toEqual([1, 4, 2, 5, 3, 6]);
  });

  test("every second column", () => {
    const code = tensor({ ...plain, shape: [2, 2], strides: [3, 2] });
    expect(rowsOf({ pickle: program(dict(text("w"), code)), storages })).toEqual([1, 3, 4, 6]);
  });

  test.each<[string, Float16Array | Uint16Array]>([
    ["HalfStorage", Float16Array.of(9, 1, 2, 3, 4, 5, 6)],
    ["BFloat16Storage", float32ToBfloat16(Float32Array.of(9, 1, 2, 3, 4, 5, 6))],
  ])("%s", (type, numbers) => {
    const pickle = program(dict(text("w"), tensor({ ...plain, type })));
    expect(rowsOf({ pickle, storages: { "0": numbers } })).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("a module's state dictionary, with the _metadata that torch hangs on it, and a parameter", () => {
    const parameter = call(
      global("torch._utils", "_rebuild_parameter"),
      tensor(plain),
      op(0x88),
      orderedDict(),
    );
    const state = dict(text("_metadata"), orderedDict());
    const pickle = program(orderedDict(), op(0x28), text("w"), parameter, op(0x75), state, op(0x62));
    expect(rowsOf({ pickle, storages })).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe("what is no tensor is refused by name, and nothing is run", () => {
  test("the published kind of attack", () => {
    const error = refusal(`${SAE_DATA}/goodfire/evil.pt`);
    expect(error.code).toBe("SAE_UNSUPPORTED");
    expect(error.facts.global).toBe("posix.system");
    expect(existsSync("PWNED")).toBe(false);
  });

  test.each<[string, Record<string, unknown>, Buffer]>([
    ["GLOBAL", { global: "builtins.eval" }, program(call(global("builtins", "eval"), text("1")))],
    ["STACK_GLOBAL", { global: "os.system" }, program(text("os"), text("system"), op(0x93))],
    [
      "a near miss",
      { global: "torch._utils._rebuild_tensor" },
      program(global("torch._utils", "_rebuild_tensor")),
    ],
    ["another storage", { global: "torch.LongStorage" }, program(global("torch", "LongStorage"))],
    ["INST", { opcode: "INST (0x69)" }, program(op(0x28), Buffer.from("ios\nsystem\n"))],
    ["NEWOBJ", { opcode: "NEWOBJ (0x81)" }, program(orderedDict(), op(0x29, 0x81))],
    ["EXT1", { opcode: "EXT1 (0x82)" }, program(op(0x82, 1))],
    [
      "BUILD of what is no dictionary",
      { opcode: "BUILD (0x62)" },
      program(text("w"), dict(text("a"), int(1)), op(0x62)),
    ],
    ["a number that is no instruction", { opcode: "instruction (0xff)" }, program(op(0xff))],
    ["an entry that is text", { entry: "w" }, program(dict(text("w"), text("x")))],
    ["a list", { opcode: "instruction (0x5d)" }, program(op(0x5d))],
    ["a lone tensor", {}, program(tensor(plain))],
  ])("%s", (_, facts, pickle) => {
    const error = refusal(fileOf({ pickle, storages }));
    expect(error.code).toBe("SAE_UNSUPPORTED");
    expect(error.facts).toMatchObject(facts);
  });
});

describe("a damaged file is refused", () => {
  const of = (change: Partial<typeof plain>) => program(dict(text("w"), tensor({ ...plain, ...change })));

  test.each<[string, Buffer]>([
    ["rows past the storage", of({ shape: [3, 3] })],
    ["a storage that is missing", of({ storage: "1" })],
    ["a storage named by a path", of({ storage: "../data/0" })],
    ["another size of the storage", of({ elements: 6 })],
    ["a negative offset", of({ offset: -1 })],
    ["a negative stride", of({ strides: [-3, 1] })],
    ["unequal dimensions", of({ strides: [1] })],
    ["no stop", program(dict(text("w"), tensor(plain))).subarray(0, -1)],
    ["an empty stack", op(0x2e)],
    ["a memo that was never put", program(op(0x68, 3))],
    ["a mark that is missing", program(op(0x74))],
    ["a text longer than the file", program(op(0x58, 0xff, 0xff, 0xff, 0x7f))],
    ["items on a tuple", program(tuple(int(1)), text("a"), int(1), op(0x73))],
    ["a call of a dictionary with arguments", program(call(global("collections", "OrderedDict"), int(1)))],
    ["a call of a storage", program(call(global("torch", "FloatStorage"), int(1)))],
    ["a number of a hundred bytes", program(op(0x8a, 100))],
  ])("%s", (_, pickle) => {
    expect(refusal(fileOf({ pickle, storages })).code).toBe("SAE_UNREADABLE");
  });

  test("a big-endian file, and one of before zip files", () => {
    const pickle = program(dict(text("w"), tensor(plain)));
    expect(refusal(fileOf({ pickle, storages, byteOrder: "big" })).facts.field).toBe("byteorder");
    const old = join(folder.path, "old.pt");
    writeFileSync(old, program(dict()));
    expect(refusal(old).facts.field).toBe("container");
  });
});
