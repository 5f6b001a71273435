import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { TINY_METADATA, tinyGguf, tinyTensors } from "../../test/support/tiny-gguf.ts";
import { checkGgufBounds } from "./gguf-bounds.ts";
import { readGgufHeader } from "./gguf-header.ts";

const WHOLE = tinyGguf({ metadata: TINY_METADATA, tensors: tinyTensors() });
const LIST = WHOLE.indexOf("tokenizer.ggml.tokens") + "tokenizer.ggml.tokens".length;

function damaged(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(WHOLE);
  change(bytes);
  return bytes;
}

test("a whole header is let through", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "model.gguf");
  await writeFile(path, WHOLE);
  expect(() => checkGgufBounds({ path, fileSize: WHOLE.length })).not.toThrow();
});

test("a tensor of nothing is refused", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "model.gguf");
  const name = "blk.0.attn_q.weight";
  const at = WHOLE.indexOf(name) + name.length + 4;
  await writeFile(
    path,
    damaged((bytes) => bytes.writeBigUInt64LE(0n, at + 8)),
  );
  await expect(readGgufHeader({ path })).rejects.toMatchObject({ code: "MODEL_UNREADABLE" });
});

test.each([
  ["tensors", damaged((bytes) => bytes.writeBigUInt64LE(2n ** 40n, 8))],
  ["metadata entries", damaged((bytes) => bytes.writeBigUInt64LE(2n ** 63n, 16))],
  ["elements of a list", damaged((bytes) => bytes.writeBigUInt64LE(2n ** 32n, LIST + 8))],
  ["bytes of a text", damaged((bytes) => bytes.writeBigUInt64LE(2n ** 31n, LIST + 16))],
  ["a type that there isn't", damaged((bytes) => bytes.writeUInt32LE(99, LIST))],
  ["a list of lists", damaged((bytes) => bytes.writeUInt32LE(9, LIST + 4))],
  ["an unknown version", damaged((bytes) => bytes.writeUInt32LE(1, 4))],
  ["half of it", WHOLE.subarray(0, 200)],
])("%s that the file can't hold are refused before anything is parsed", async (_name, bytes) => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "model.gguf");
  await writeFile(path, bytes);
  expect(() => checkGgufBounds({ path, fileSize: bytes.length })).toThrow(RangeError);
  await expect(readGgufHeader({ path })).rejects.toMatchObject({ code: "MODEL_UNREADABLE" });
});
