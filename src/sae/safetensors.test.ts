import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { CountersteerError, isCode } from "../errors.ts";
import { readRows } from "./read-rows.ts";
import { openSafetensors } from "./safetensors.ts";
import { transposed } from "./stored-tensor.ts";
import { writeSafetensors } from "./write-safetensors.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "safetensors-"));
});

let files = 0;
function fileOf({ header, body = 0 }: { header: unknown; body?: number | Uint8Array }): string {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  files += 1;
  const path = join(folder, `${files}.safetensors`);
  writeFileSync(path, Buffer.concat([length, json, typeof body === "number" ? Buffer.alloc(body) : body]));
  return path;
}

function refusal(path: string): CountersteerError {
  try {
    openSafetensors({ path });
  } catch (error) {
    if (error instanceof CountersteerError) return error;
    throw error;
  }
  throw new Error("was not refused");
}

describe("what is written is read back", () => {
  test("any float32 and int32 tensors, bit for bit", async () => {
    const rows = fc.integer({ min: 0, max: 5 });
    await fc.assert(
      fc.asyncProperty(
        rows,
        rows,
        fc.float32Array({ minLength: 25, maxLength: 25 }),
        async (n, m, values) => {
          const path = join(folder, "round.safetensors");
          const floats = values.slice(0, n * m);
          const ints = Int32Array.from({ length: n }, (_, i) => -i);
          const tensors = { a: { shape: [n, m], data: floats }, ids: { shape: [n], data: ints } };
          await writeSafetensors({ path, tensors, metadata: { origin: "test" } });
          const file = openSafetensors({ path });
          expect(file.readTensor("a")).toEqual(floats);
          expect(file.readInt32("ids")).toEqual(ints);
          expect(file.info("a").shape).toEqual([n, m]);
          expect(file.metadata).toEqual({ origin: "test" });
          file.close();
        },
      ),
      { numRuns: 30 },
    );
  });

  test("the first tensor begins at a multiple of 8", async () => {
    const path = join(folder, "aligned.safetensors");
    await writeSafetensors({ path, tensors: { abc: { shape: [1], data: Float32Array.of(1) } } });
    expect((openSafetensors({ path }).info("abc").begin ?? 1) % 8).toBe(0);
  });

  test("no temporary file stays, also when the target can't be replaced", async () => {
    const own = mkdtempSync(join(folder, "own-"));
    await writeSafetensors({ path: join(own, "a"), tensors: {} });
    await expect(writeSafetensors({ path: own, tensors: {} })).rejects.toThrow();
    expect(readdirSync(own)).toEqual(["a"]);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("a shape that does not hold its data is refused", async () => {
    const tensors = { a: { shape: [2], data: Float32Array.of(1) } };
    await expect(writeSafetensors({ path: join(folder, "bad"), tensors })).rejects.toThrow(RangeError);
  });
});

describe("parts", () => {
  const path = "test/data/sae/topk/sae_weights.safetensors";

  test("rows and columns are the slices of the whole tensor", () => {
    const file = openSafetensors({ path });
    const whole = file.readTensor("W_enc");
    expect(file.readRows({ name: "W_enc", row: 3, count: 2 })).toEqual(whole.slice(3 * 96, 5 * 96));
    const column = Float32Array.from({ length: 24 }, (_, row) => whole[row * 96 + 7] ?? Number.NaN);
    expect(readRows({ tensor: transposed(file.stored("W_enc")), rows: [7] })).toEqual(column);
  });

  test("a part outside the tensor is refused, not read from its neighbour", () => {
    const file = openSafetensors({ path });
    expect(() => file.readRows({ name: "W_enc", row: 23, count: 2 })).toThrow(RangeError);
    expect(() => file.readRows({ name: "W_enc", row: -1, count: 1 })).toThrow(RangeError);
  });

  test("a missing tensor is named, and a closed file is not read", () => {
    const file = openSafetensors({ path });
    expect(() => file.info("W_gate")).toThrow(/no tensor "W_gate"/);
    file.close();
    file.close();
    expect(() => file.readTensor("b_dec")).toThrow(/closed/);
  });
});

describe("16-bit floats", () => {
  test("half and bfloat16 widen exactly", () => {
    const halves = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x8000, 0x7c00, 0x3555);
    const brains = Uint16Array.of(0x3f80, 0xc000, 0x7f7f, 0x0001, 0x4049, 0x8000, 0xff80, 0x3eab);
    const header = {
      h: { dtype: "F16", shape: [8], data_offsets: [0, 16] },
      b: { dtype: "BF16", shape: [8], data_offsets: [16, 32] },
    };
    const body = Buffer.concat([Buffer.from(halves.buffer), Buffer.from(brains.buffer)]);
    const file = openSafetensors({ path: fileOf({ header, body }) });
    expect([...file.readTensor("h")]).toEqual([
      1,
      -2,
      65504,
      2 ** -24,
      2 ** -14,
      -0,
      Infinity,
      0.333251953125,
    ]);
    expect([...file.readTensor("b")]).toEqual([
      1,
      -2,
      3.3895313892515355e38,
      2 ** -133,
      3.140625,
      -0,
      -Infinity,
      0.333984375,
    ]);
  });
});

describe("a damaged file is refused with its bytes", () => {
  const good = { a: { dtype: "F32", shape: [2, 2], data_offsets: [0, 16] } };

  test("cut at any byte", () => {
    const whole = readFileSync(fileOf({ header: good, body: 16 }));
    const path = join(folder, "cut.safetensors");
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      expect(refusal(path).code).toBe("SAE_UNREADABLE");
    }
  });

  test("a missing tail says how many bytes there should be", () => {
    const path = fileOf({ header: good, body: 12 });
    const { facts, why } = refusal(path);
    expect(why).toContain("truncated");
    expect(Number(facts.expectedBytes) - Number(facts.actualBytes)).toBe(4);
  });

  test.each([
    ["bytes that no tensor owns", { header: good, body: 17 }, /no tensor owns/],
    [
      "an overlap",
      { header: { ...good, b: { dtype: "F32", shape: [2], data_offsets: [8, 16] } }, body: 16 },
      /overlaps/,
    ],
    [
      "a hole",
      { header: { ...good, b: { dtype: "F32", shape: [1], data_offsets: [20, 24] } }, body: 24 },
      /hole/,
    ],
    [
      "a shape that contradicts the offsets",
      { header: { a: { dtype: "F32", shape: [3], data_offsets: [0, 16] } }, body: 16 },
      /needs 12 bytes/,
    ],
    [
      "offsets backwards",
      { header: { a: { dtype: "F32", shape: [0], data_offsets: [16, 0] } }, body: 16 },
      /needs 0 bytes/,
    ],
    [
      "negative offsets",
      { header: { a: { dtype: "F32", shape: [1], data_offsets: [-4, 0] } }, body: 0 },
      /malformed/,
    ],
    ["a header that is not JSON", { header: "{", body: 0 }, /not JSON/],
    ["a header that is a list", { header: "[]", body: 0 }, /not a JSON object/],
  ])("%s", (_, file, why) => {
    const error = refusal(fileOf(file));
    expect(error.code).toBe("SAE_UNREADABLE");
    expect(error.why).toMatch(why);
  });

  test("a header longer than the file", () => {
    const path = join(folder, "long.safetensors");
    writeFileSync(path, Buffer.from([255, 255, 255, 255, 255, 255, 255, 127, 1, 2]));
    expect(refusal(path).facts.fileBytes).toBe(10);
  });

  test("no file and a folder", () => {
    expect(refusal(join(folder, "none")).code).toBe("SAE_UNREADABLE");
    expect(refusal(folder).code).toBe("SAE_UNREADABLE");
  });

  test("an unknown dtype is unsupported by name", () => {
    const header = { a: { dtype: "F4", shape: [2], data_offsets: [0, 1] } };
    const error = refusal(fileOf({ header, body: 1 }));
    expect(isCode(error, "SAE_UNSUPPORTED")).toBe(true);
    expect(error.facts.dtype).toBe("F4");
  });
});
