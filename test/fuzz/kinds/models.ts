/** Model files: what our own checks say of damaged ones, and what becomes of those that pass them in the engine's process. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chatTokens } from "../../../src/engine/chat-tokens.ts";
import { GREEDY } from "../../../src/engine/engine.ts";
import { openLlamaEngine } from "../../../src/engine/llama/engine.ts";
import { readGgufInfo } from "../../../src/model/gguf-info.ts";
import { readGgufTensors } from "../../../src/model/gguf-tensors.ts";
import type { Draw } from "../../support/mutate.ts";
import { FAMILIES, tinyModel } from "../../support/tiny-model.ts";
import type { Kind, Verdict } from "../kind.ts";
import { mutateGguf } from "../mutate-gguf.ts";
import { passing } from "../passing.ts";
import { readGgufAgain } from "../read-gguf-again.ts";
import { holds, same } from "../same.ts";

const MODELS = Object.values(FAMILIES).map(tinyModel);

function bytesOf({ whole, draw }: { whole: number; draw: Draw | null }): Buffer {
  const bytes = MODELS[whole] ?? Buffer.alloc(0);
  return draw === null ? bytes : mutateGguf({ bytes, draw });
}

async function readModel(path: string, bytes: Buffer): Promise<Verdict> {
  writeFileSync(path, bytes);
  const info = await readGgufInfo({ path });
  const again = readGgufAgain(bytes);
  const tokens = again.get("tokenizer.ggml.tokens");
  same(info.architecture, again.get("general.architecture"), "architectures");
  const facts = {
    block_count: info.layers,
    embedding_length: info.dModel,
    context_length: info.contextLength,
  };
  for (const [name, value] of Object.entries(facts))
    same(value, again.get(`${info.architecture}.${name}`), name);
  same(info.vocabulary, Array.isArray(tokens) ? tokens.length : null, "vocabularies");
  const { names, find } = await readGgufTensors({ path });
  for (const name of names) {
    const { offset = -1, rows = 0, rowBytes = 0 } = find(name) ?? {};
    holds(offset >= 0 && offset + rows * rowBytes <= bytes.length, `${name} lies in the file`);
  }
  return null;
}

export const gguf: Kind = {
  name: "gguf",
  input: "GGUF models: header, metadata, tensors",
  right: "a second, plain reader finds the same facts, and all tensors lie in the file",
  codes: /^MODEL_(UNREADABLE|UNSUPPORTED)$/,
  open: async (folder) => ({
    wholes: MODELS.length,
    read: (input) => readModel(join(folder, "model.gguf"), bytesOf(input)),
  }),
};

/** Loads it in a process of its own and lets it answer. That process may die; this one must not. */
async function runModel(folder: string, bytes: Buffer): Promise<Verdict> {
  // a file's hash is kept by its path, size and time
  const dir = mkdtempSync(join(folder, "model-"));
  const model = join(dir, "model.gguf");
  writeFileSync(model, bytes);
  try {
    const engine = await openLlamaEngine({
      model,
      workers: 1,
      threads: 1,
      slots: 1,
      contextPerSlot: 96,
      cacheDir: dir,
    });
    try {
      const tokens = await chatTokens({ engine, messages: [{ role: "user", content: "hello" }] });
      const request = { id: "it", tokens, sampling: { ...GREEDY, maxTokens: 2 } };
      for await (const generation of engine.generate([request])) {
        holds(
          generation.tokens.every((token) => token >= 0 && token < engine.info.vocabulary),
          "tokens are known",
        );
      }
    } finally {
      await engine.close();
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  return null;
}

export const ggufEngine: Kind = {
  name: "gguf-engine",
  input: "GGUF models that pass our checks, opened by llama.cpp in its own process",
  right: "it answers in tokens of its vocabulary; whatever happens there, this process lives on",
  codes:
    /^(MODEL_(UNREADABLE|UNSUPPORTED)|ENGINE_CRASHED|TEMPLATE_INVALID|REQUEST_INVALID|CONTEXT_OVERFLOW|LIBRARY_MISMATCH)$/,
  share: 0.05,
  open: async (folder) => ({
    wholes: MODELS.length,
    read: async (input) => {
      const path = join(folder, "model.gguf");
      const bytes = await passing({ make: () => bytesOf(input), check: (made) => readModel(path, made) });
      return await runModel(folder, bytes);
    },
  }),
};
