/** `finetune convert`, `merge` and `export` as a person calls them, on a tiny model. */
import { readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runInProcess } from "../../../test/support/cli-in-process.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { SIZES, writeTinyModel } from "../../../test/support/tiny-adapter.ts";
import { adapterOf } from "../../finetune/adapter/lora-adapter.ts";
import { readGgufLora } from "../../finetune/adapter/read-gguf.ts";
import { writeGgufLora } from "../../finetune/adapter/write-gguf.ts";
import { readGgufTensors } from "../../model/gguf-tensors.ts";
import * as convert from "./convert.ts";
import * as exportTraining from "./export.ts";
import * as merge from "./merge.ts";

let folder: TemporaryFolder;
const file = (name: string) => path.join(folder.path, name);
const shared = () => ["--cache-dir", file("cache"), "--json"];

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeTinyModel({ path: file("model.gguf") });
  const { inputs, outputs } = SIZES.attn_k;
  const a = Float32Array.from({ length: 2 * inputs }, (_, i) => i / 7);
  const b = Float32Array.from({ length: 2 * outputs }, (_, i) => i / 3);
  const adapter = adapterOf({
    factors: [{ layer: 0, matrix: "attn_k", a, b }],
    rank: 2,
    alpha: 4,
    dropout: 0,
  });
  await writeGgufLora({ path: file("a.gguf"), ...adapter, architecture: "llama" });
  const record = {
    id: "c1",
    kind: "normal",
    prompt: "Hi?",
    segments: [{ text: "Yes.", trained: true }],
    split: "train",
  };
  await writeFile(file("data.jsonl"), `${JSON.stringify(record)}\n`);
  await writeFile(file("template.jinja"), "{% for m in messages %}{{ m.content }}<|end|>{% endfor %}");
});

afterAll(() => folder[Symbol.asyncDispose]());

const errorCode = ({ stdout, stderr }: { stdout: string; stderr: string }) =>
  /[A-Z]{3,}(?:_[A-Z]+)+/.exec(stderr + stdout)?.[0];

test("convert goes to PEFT and back by what is given, and never writes over anything", async () => {
  const call = (args: string[]) =>
    runInProcess({
      register: convert.register,
      args: ["convert", ...args, "--model", file("model.gguf"), ...shared()],
    });
  const there = await call([file("a.gguf"), file("peft"), "--base-model", "me/tiny"]);
  expect(there.code, there.stderr).toBe(0);
  expect(JSON.parse(there.stdout)).toMatchObject({ format: "peft", rank: 2, alpha: 4, matrices: ["attn_k"] });
  const back = await call([file("peft"), file("b.gguf")]);
  expect(back.code, back.stderr).toBe(0);
  expect(await readGgufLora({ path: file("b.gguf") })).toEqual(await readGgufLora({ path: file("a.gguf") }));
  const again = await call([file("peft"), file("b.gguf")]);
  expect(again.code).not.toBe(0);
  expect(errorCode(again)).toBe("CONFIG_INVALID");
  expect(errorCode(await call([file("a.gguf"), file("c"), "--type", "f16"]))).toBe("CONFIG_INVALID");
  expect(errorCode(await call([file("nowhere"), file("c")]))).toBe("MODEL_UNREADABLE");
});

test("merge takes either format, and writes where the weights come from", async () => {
  const args = ["merge", file("a.gguf"), file("merged.gguf"), "--type", "f32", "--model", file("model.gguf")];
  const done = await runInProcess({ register: merge.register, args: [...args, ...shared()] });
  expect(done.code, done.stderr).toBe(0);
  const data: unknown = JSON.parse(done.stdout);
  expect(data).toMatchObject({ adapted: 1, type: "f32" });
  const { metadata } = await readGgufTensors({ path: file("merged.gguf") });
  expect(data).toMatchObject({
    base_sha256: metadata["countersteer.merge.base_sha256"],
    adapter_sha256: metadata["countersteer.merge.adapter_sha256"],
  });
});

test("export needs no model where the template is given, and says which name is missing", async () => {
  const call = (args: string[]) =>
    runInProcess({
      register: exportTraining.register,
      args: [
        "export",
        ...args,
        "--data",
        file("data.jsonl"),
        "--chat-template",
        file("template.jinja"),
        ...shared(),
      ],
    });
  const done = await call(["axolotl", "--out", file("out"), "--base-model", "me/tiny", "--rank", "8"]);
  expect(done.code, done.stderr).toBe(0);
  expect(JSON.parse(done.stdout)).toMatchObject({
    baseModel: "me/tiny",
    end: "<|end|>",
    settings: { rank: 8 },
  });
  expect((await readdir(file("out"))).sort()).toEqual(["README.md", "config.yaml", "train.jsonl"]);
  const nameless = await call(["trl", "--out", file("other"), "--model", file("model.gguf")]);
  expect(errorCode(nameless)).toBe("CONFIG_INVALID");
  expect(errorCode(await call(["keras", "--out", file("other")]))).toBe("CONFIG_INVALID");
});
