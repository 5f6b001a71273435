import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tinyGguf } from "../../../test/support/tiny-gguf.ts";
import { openUnembedding } from "./unembedding.ts";

const COLUMNS = 32;
const VOCABULARY = 50;
const DIRECTIONS = 7;
let drawn = 0;
const numbers = (count: number) =>
  Float32Array.from({ length: count }, () => Math.sin(12.9898 * ++drawn * drawn));
const matrix = numbers(VOCABULARY * COLUMNS);
const norm = numbers(COLUMNS);
const directions = numbers(DIRECTIONS * COLUMNS);
const bytes = (values: Float32Array) => Buffer.from(values.buffer);

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "unembedding-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileOf(tensors: Parameters<typeof tinyGguf>[0]["tensors"]): Promise<string> {
  const path = join(folder, `${tensors.map(({ name, type }) => `${name}.${type}`).join("-")}.gguf`);
  const metadata = {
    "general.architecture": "llama",
    "tokenizer.ggml.tokens": Array.from({ length: VOCABULARY }, (_, i) => `t${i}`),
  };
  await writeFile(path, tinyGguf({ metadata, tensors }));
  return path;
}

const NORM = { name: "output_norm.weight", shape: [COLUMNS], type: 0, bytes: bytes(norm) };
const TIED = { name: "token_embd.weight", shape: [COLUMNS, VOCABULARY], type: 0, bytes: bytes(matrix) };

/** Logits of a direction by definition, less their mean. */
function logitsOf({ direction, centred }: { direction: Float32Array; centred: boolean }): number[] {
  const mean = centred ? direction.reduce((sum, value) => sum + value, 0) / COLUMNS : 0;
  const logits = Array.from({ length: VOCABULARY }, (_, token) =>
    direction.reduce(
      (sum, value, i) => sum + (value - mean) * (norm[i] ?? 0) * (matrix[token * COLUMNS + i] ?? 0),
      0,
    ),
  );
  const average = logits.reduce((sum, value) => sum + value, 0) / VOCABULARY;
  return logits.map((value) => value - average);
}

describe("tokens are ranked by the direction times the norm's scale times the unembedding", () => {
  test.each([
    ["RMS norm, tied embedding", [NORM, TIED], false],
    ["layer norm", [NORM, { ...NORM, name: "output_norm.bias" }, TIED], true],
    [
      "an unembedding of its own goes first",
      [NORM, { ...TIED, bytes: bytes(matrix.map((x) => -x)) }, { ...TIED, name: "output.weight" }],
      false,
    ],
  ])("%s", async (_, tensors, centred) => {
    const unembedding = await openUnembedding({ path: await fileOf(tensors), threads: 1 });
    const ranks = await unembedding.rankTokens({ directions, count: 5 });
    for (let i = 0; i < DIRECTIONS; i++) {
      const logits = logitsOf({ direction: directions.subarray(i * COLUMNS, (i + 1) * COLUMNS), centred });
      const order = Array.from(logits.keys()).sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0));
      expect([...ranks.promoted.subarray(i * 5, i * 5 + 5)]).toEqual(order.slice(0, 5));
      expect([...ranks.suppressed.subarray(i * 5, i * 5 + 5)]).toEqual(order.toReversed().slice(0, 5));
      expect(ranks.promotedLogits[i * 5]).toBeCloseTo(logits[order[0] ?? 0] ?? 0, 5);
      expect(ranks.suppressedLogits[i * 5]).toBeCloseTo(logits[order.at(-1) ?? 0] ?? 0, 5);
    }
  });
});

test("q8_0 rows come back as their blocks say", async () => {
  const block = Buffer.alloc(34);
  block.writeUInt16LE(0x3800, 0);
  for (let i = 0; i < 32; i++) block.writeInt8(i - 16, 2 + i);
  const rows = Buffer.concat(Array.from({ length: VOCABULARY }, () => block));
  const path = await fileOf([NORM, { ...TIED, type: 8, bytes: rows }]);
  const unembedding = await openUnembedding({ path, threads: 1 });
  const expected = Array.from({ length: 32 }, (_, i) => 0.5 * (i - 16));
  expect([...(await unembedding.rows({ start: 49, count: 1 }))]).toEqual(expected);
});

test.each([
  ["no norm", [TIED]],
  ["no unembedding", [NORM]],
  ["a norm of another width", [{ ...NORM, shape: [16], bytes: bytes(norm.slice(0, 16)) }, TIED]],
])("%s is refused", async (_, tensors) => {
  await expect(openUnembedding({ path: await fileOf(tensors), threads: 1 })).rejects.toMatchObject({
    code: "MODEL_UNSUPPORTED",
  });
});
