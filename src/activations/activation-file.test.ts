import { readdir, truncate } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { writeSafetensors } from "../sae/write-safetensors.ts";
import { type ActivationPart, openActivations } from "./activation-file.ts";
import { openActivationFileSource } from "./activation-file-source.ts";
import { writeActivations } from "./write-activations.ts";

const D_MODEL = 3;

function write(options: {
  path: string;
  parts: Record<ActivationPart, Float32Array[]>;
  dtype?: "F32" | "F16";
  counts?: Record<ActivationPart, number>;
}): Promise<void> {
  const { path, parts, dtype = "F32" } = options;
  const rows = (part: ActivationPart) => parts[part].reduce((sum, chunk) => sum + chunk.length / D_MODEL, 0);
  return writeActivations({
    path,
    dModel: D_MODEL,
    dtype,
    counts: options.counts ?? { rows: rows("rows"), held_out: rows("held_out") },
    metadata: { layer: "15" },
    async *chunks(part) {
      yield* parts[part];
    },
  });
}

const chunk = fc
  .array(fc.float({ noNaN: true, min: -60_000, max: 60_000 }), { minLength: 1, maxLength: 20 })
  .map((values) => Float32Array.from(values.flatMap((value) => [value, -value, value / 3])));

it("what is written is read back: float32 bit for bit, float16 rounded to the nearest", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "rows.safetensors");
  await fc.assert(
    fc.asyncProperty(
      fc.array(chunk, { minLength: 1, maxLength: 4 }),
      fc.array(chunk, { maxLength: 2 }),
      fc.constantFrom("F32" as const, "F16" as const),
      async (rows, heldOut, dtype) => {
        await write({ path, parts: { rows, held_out: heldOut }, dtype });
        const file = openActivations({ path });
        const all = (chunks: Float32Array[]) => {
          const flat = Float32Array.from(chunks.flatMap((each) => [...each]));
          return dtype === "F32" ? flat : Float32Array.from(Float16Array.from(flat));
        };
        for (const [part, chunks] of [["rows", rows] as const, ["held_out", heldOut] as const]) {
          const count = file.counts[part];
          expect(count * D_MODEL).toBe(all(chunks).length);
          if (count > 0) expect(file.read({ part, row: 0, count })).toEqual(all(chunks));
        }
        expect(file.metadata).toEqual({ layer: "15" });
        expect(await readdir(folder.path)).toEqual(["rows.safetensors"]);
        file.close();
      },
    ),
    { numRuns: 30 },
  );
});

it.each([
  [
    "a value beyond float16",
    { parts: { rows: [Float32Array.of(1, 70_000, 1)], held_out: [] } },
    "REQUEST_INVALID",
  ],
  [
    "fewer rows than announced",
    { parts: { rows: [Float32Array.of(1, 2, 3)], held_out: [] }, counts: { rows: 2, held_out: 0 } },
    undefined,
  ],
])("%s leaves no file behind", async (_, options, code) => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "rows.safetensors");
  const failure = await write({ path, dtype: "F16", ...options }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Error);
  if (code !== undefined) expect(failure).toMatchObject({ code });
  expect(await readdir(folder.path)).toEqual([]);
});

it("refuses a file that is cut short, or has no rows", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "rows.safetensors");
  await write({ path, parts: { rows: [new Float32Array(30)], held_out: [] } });
  await truncate(path, 150);
  expect(() => openActivations({ path })).toThrow(expect.objectContaining({ code: "SAE_UNREADABLE" }));
  const data = new Float32Array(6);
  for (const tensors of [{ other: { shape: [2, 3], data } }, { rows: { shape: [6], data } }]) {
    await writeSafetensors({ path, tensors });
    expect(() => openActivations({ path })).toThrow(expect.objectContaining({ code: "SAE_UNREADABLE" }));
  }
});

it("a source over a file gives every row once an epoch, and goes on at its position", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "rows.safetensors");
  const count = 1000;
  const data = Float32Array.from({ length: count * D_MODEL }, (_, at) => at);
  await writeSafetensors({ path, tensors: { rows: { shape: [count, D_MODEL], data } } });
  const file = openActivations({ path });
  const options = { file, blockRows: 300, seed: 3 };
  const source = openActivationFileSource(options);
  const firsts = (rows: Float32Array) => [...rows].filter((_, at) => at % D_MODEL === 0);
  const epoch = firsts(await source.next({ max: count }));
  expect(epoch.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, row) => row * D_MODEL));
  expect(epoch).not.toEqual(epoch.toSorted((a, b) => a - b));
  await source.next({ max: 777 });
  const other = openActivationFileSource({ ...options, position: source.position() });
  expect(await other.next({ max: 500 })).toEqual(await source.next({ max: 500 }));
  await source.close();
  await other.close();
  file.close();
});
