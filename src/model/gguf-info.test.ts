import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { TINY_METADATA, tinyGguf, tinyTensors } from "../../test/support/tiny-gguf.ts";
import { CountersteerError } from "../errors.ts";
import { readGgufInfo } from "./gguf-info.ts";

const whole = tinyGguf({
  metadata: { ...TINY_METADATA, "tokenizer.chat_template": "{{ x }}" },
  tensors: tinyTensors(),
});

async function refusalOf(content: Buffer): Promise<CountersteerError> {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "model.gguf");
  await writeFile(path, content);
  const error = await readGgufInfo({ path }).catch((thrown: unknown) => thrown);
  if (!(error instanceof CountersteerError))
    throw new Error(`expected a refusal, got ${JSON.stringify(error)}`);
  expect(error.code).toBe("MODEL_UNREADABLE");
  return error;
}

test("the header's facts are read; the weight type is that of the block matrices, not of embeddings or norms", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "model.gguf");
  await writeFile(path, whole);
  expect(await readGgufInfo({ path })).toEqual({
    path,
    fileSize: whole.length,
    architecture: "llama",
    name: "Tiny",
    layers: 2,
    dModel: 32,
    vocabulary: 4,
    contextLength: 64,
    chatTemplate: "{{ x }}",
    bosText: "<s>",
    eosText: "</s>",
    controlTexts: [],
    weightType: "q4_1",
  });
});

test("what a model may lack is null or empty", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "model.gguf");
  const { "tokenizer.ggml.bos_token_id": _, ...metadata } = TINY_METADATA;
  await writeFile(path, tinyGguf({ metadata, tensors: tinyTensors() }));
  expect(await readGgufInfo({ path })).toMatchObject({ chatTemplate: null, bosText: "", eosText: "</s>" });
});

test("a file that is cut anywhere is refused", async () => {
  for (let length = 0; length < whole.length; length += 61) {
    const error = await refusalOf(whole.subarray(0, length));
    expect(error.why).toMatch(/\d+/);
    // The zeros that the parser reads past the end look like a tensor without a name.
    expect(error.facts.tensor).not.toBe("");
  }
  const { facts } = await refusalOf(whole.subarray(0, -1));
  expect(facts).toMatchObject({ tensorEnd: whole.length, fileSize: whole.length - 1 });
});

test("a file of another kind is refused with its first bytes and its size", async () => {
  const error = await refusalOf(Buffer.from("<html>not found</html>"));
  expect(error.why).toContain("3c68746d");
  expect(error.why).toContain("22 bytes");
});

test.each(["general.architecture", "llama.block_count", "tokenizer.ggml.tokens"])(
  "a file without %s is refused and the key named",
  async (key) => {
    const metadata = Object.fromEntries(Object.entries(TINY_METADATA).filter(([name]) => name !== key));
    expect((await refusalOf(tinyGguf({ metadata, tensors: tinyTensors() }))).why).toContain(key);
  },
);

test("a file without block matrices is refused", async () => {
  const tensors = tinyTensors().filter(({ name }) => !name.startsWith("blk."));
  expect((await refusalOf(tinyGguf({ metadata: TINY_METADATA, tensors }))).why).toContain("blk.");
});

test("a missing file and a directory are refused", async () => {
  await using folder = await temporaryFolder();
  for (const path of [join(folder.path, "none.gguf"), folder.path]) {
    await expect(readGgufInfo({ path })).rejects.toMatchObject({ code: "MODEL_UNREADABLE" });
  }
});
