import { readFile } from "node:fs/promises";
import path from "node:path";
import { GGUFValueType } from "@huggingface/gguf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { readGgufHeader } from "./gguf-header.ts";
import { type GgufEntry, ggufText } from "./gguf-layout.ts";
import { readGgufRows, readGgufTensors } from "./gguf-tensors.ts";
import { writeGguf } from "./write-gguf.ts";

const T = GGUFValueType;
const scalar = fc.oneof(
  fc.integer({ min: 0, max: 255 }).map((value): GgufEntry => ({ type: T.UINT8, value })),
  fc.integer({ min: -128, max: 127 }).map((value): GgufEntry => ({ type: T.INT8, value })),
  fc.integer({ min: 0, max: 65535 }).map((value): GgufEntry => ({ type: T.UINT16, value })),
  fc.integer({ min: -32768, max: 32767 }).map((value): GgufEntry => ({ type: T.INT16, value })),
  fc.nat().map((value): GgufEntry => ({ type: T.UINT32, value })),
  fc.integer().map((value): GgufEntry => ({ type: T.INT32, value })),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value): GgufEntry => ({ type: T.UINT64, value })),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value): GgufEntry => ({ type: T.INT64, value })),
  fc.float({ noNaN: true }).map((value): GgufEntry => ({ type: T.FLOAT32, value })),
  fc.double({ noNaN: true }).map((value): GgufEntry => ({ type: T.FLOAT64, value })),
  fc.boolean().map((value): GgufEntry => ({ type: T.BOOL, value })),
  fc.string().map((value): GgufEntry => ({ type: T.STRING, value })),
);
const array = fc
  .array(fc.integer(), { minLength: 1, maxLength: 5 })
  .map((value): GgufEntry => ({ type: T.ARRAY, subType: T.INT32, value }));

test("metadata of every type and tensors of any length are read back as they were written", async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, "a.gguf");
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(scalar, array), { maxLength: 8 }),
      fc.array(fc.array(fc.float(), { minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 4 }),
      async (values, vectors) => {
        const own = values.map((entry, i): [string, GgufEntry] => [`key.${i}`, entry]);
        await writeGguf({
          path: file,
          metadata: { "general.architecture": ggufText("llama"), ...Object.fromEntries(own) },
          tensors: vectors.map((vector, i) => ({
            name: `tensor.${i}`,
            shape: [vector.length],
            type: 0,
            pieces: () => [new Uint8Array(Float32Array.from(vector).buffer)],
          })),
        });
        const { typedMetadata } = await readGgufHeader({ path: file });
        for (const [key, entry] of own) expect(typedMetadata[key]).toMatchObject(entry);
        const tensors = await readGgufTensors({ path: file });
        for (const [i, vector] of vectors.entries()) {
          const matrix = tensors.find(`tensor.${i}`);
          if (matrix === undefined) throw new Error(`no tensor ${i}`);
          const bytes = await readGgufRows({ path: file, matrix, start: 0, count: 1 });
          expect(new Float32Array(bytes.buffer)).toEqual(Float32Array.from(vector));
        }
      },
    ),
    { numRuns: 40 },
  );
});

test("a tensor whose pieces are too short leaves no file", async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, "a.gguf");
  const tensors = [{ name: "t", shape: [8], type: 0, pieces: () => [new Uint8Array(31)] }];
  await expect(writeGguf({ path: file, metadata: {}, tensors })).rejects.toThrow(RangeError);
  await expect(readFile(file)).rejects.toMatchObject({ code: "ENOENT" });
});
