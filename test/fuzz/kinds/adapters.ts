/** Adapters: folders of PEFT and GGUF files, and what becomes of those that pass our checks in the engine's process. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GREEDY } from "../../../src/engine/engine.ts";
import { openLlamaEngine } from "../../../src/engine/llama/engine.ts";
import { readBaseModel } from "../../../src/finetune/adapter/base-model.ts";
import { adapterOf } from "../../../src/finetune/adapter/lora-adapter.ts";
import { readAdapter } from "../../../src/finetune/adapter/read-adapter.ts";
import { resolveAdapter } from "../../../src/finetune/adapter/resolve-adapter.ts";
import { writeGgufLora } from "../../../src/finetune/adapter/write-gguf.ts";
import { writePeft } from "../../../src/finetune/adapter/write-peft.ts";
import { type Draw, mutate } from "../../support/mutate.ts";
import { FAMILIES, TINY_SIZES, tinyModel } from "../../support/tiny-model.ts";
import type { Kind, Verdict } from "../kind.ts";
import { mutateGguf } from "../mutate-gguf.ts";
import { mutateJson, mutateValue, type Value } from "../mutate-value.ts";
import { passing } from "../passing.ts";
import { holds, same } from "../same.ts";

const RANK = 2;
const CODES = /^(MODEL_(UNREADABLE|UNSUPPORTED)|ADAPTER_MISMATCH)$/;

interface Places {
  model: string;
  peft: Record<string, Buffer>;
  gguf: Buffer;
}

async function make(folder: string): Promise<Places> {
  const [family] = Object.values(FAMILIES);
  if (family === undefined) throw new Error("there is no family");
  const model = join(folder, "model.gguf");
  writeFileSync(model, tinyModel(family));
  const some = (count: number) => Float32Array.from({ length: count }, (_, i) => Math.cos(i) / 4);
  const matrices = ["attn_q", "attn_k", "ffn_down"] as const;
  const { factors, shape } = adapterOf({
    factors: matrices.map((matrix) => ({
      layer: 0,
      matrix,
      a: some(RANK * TINY_SIZES[matrix].inputs),
      b: some(RANK * TINY_SIZES[matrix].outputs),
    })),
    rank: RANK,
    alpha: 4,
    dropout: 0,
  });
  const base = await readBaseModel({ path: model });
  const dir = join(folder, "peft");
  await writePeft({ dir, factors, shape, baseModel: "tiny", model: base });
  const path = join(folder, "adapter.gguf");
  await writeGgufLora({ path, factors, shape, architecture: "llama" });
  const names = ["adapter_config.json", "adapter_model.safetensors"];
  return {
    model,
    peft: Object.fromEntries(names.map((name) => [name, readFileSync(join(dir, name))])),
    gguf: readFileSync(path),
  };
}

function damagedJson(bytes: Buffer, draw: Draw): string {
  const text = bytes.toString("utf8");
  // what is parsed here is a file of ours
  return draw(4) === 0
    ? mutateJson(text, draw)
    : JSON.stringify(mutateValue(JSON.parse(text) as Value, draw));
}

function writeDamaged({ places, dir, draw }: { places: Places; dir: string; draw: Draw | null }): void {
  mkdirSync(dir);
  const damaged = draw === null ? "" : draw(2) === 0 ? "adapter_config.json" : "adapter_model.safetensors";
  for (const [name, bytes] of Object.entries(places.peft)) {
    const isHit = draw !== null && name === damaged;
    const made = !isHit ? bytes : name.endsWith(".json") ? damagedJson(bytes, draw) : mutate({ bytes, draw });
    writeFileSync(join(dir, name), made);
  }
}

/** What was accepted lies in a GGUF file that reads back finite and in the model's sizes. */
async function resolve(path: string, { model }: Places, cacheDir: string): Promise<string> {
  const resolved = await resolveAdapter({ path, model, cacheDir });
  const { factors, shape } = await readAdapter({
    path: resolved.path,
    model: await readBaseModel({ path: model }),
  });
  holds(factors.length > 0, "something is adapted");
  for (const { matrix, a, b } of factors) {
    same(a.length, shape.rank * TINY_SIZES[matrix].inputs, "sizes of a factor");
    same(b.length, shape.rank * TINY_SIZES[matrix].outputs, "sizes of a factor");
    holds(a.every(Number.isFinite) && b.every(Number.isFinite), "factors are finite");
  }
  return resolved.path;
}

/** A folder of its own for each case: hashes of files are kept by path, size and time. */
async function inFolder<T>(folder: string, work: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(folder, "case-"));
  try {
    return await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** `put` writes the adapter of a case into its folder and gives its path. */
function resolving(
  put: (options: { places: Places; dir: string; draw: Draw | null }) => string,
): Kind["open"] {
  return async (folder) => {
    const places = await make(folder);
    return {
      wholes: 1,
      read: ({ draw }) =>
        inFolder(folder, async (dir) => {
          await resolve(put({ places, dir, draw }), places, dir);
          return null;
        }),
    };
  };
}

const right = "the GGUF file that is made of it has factors of the model's sizes, all finite";

export const adapterPeft: Kind = {
  name: "adapter-peft",
  input: "LoRA adapters as folders of PEFT",
  right,
  codes: CODES,
  open: resolving(({ places, dir, draw }) => {
    const adapter = join(dir, "adapter");
    writeDamaged({ places, dir: adapter, draw });
    return adapter;
  }),
};

export const adapterGguf: Kind = {
  name: "adapter-gguf",
  input: "LoRA adapters in GGUF",
  right,
  codes: CODES,
  open: resolving(({ places, dir, draw }) => {
    const adapter = join(dir, "adapter.gguf");
    writeFileSync(adapter, draw === null ? places.gguf : mutateGguf({ bytes: places.gguf, draw }));
    return adapter;
  }),
};

export const adapterEngine: Kind = {
  name: "adapter-engine",
  input: "adapters in GGUF that pass our checks, opened by llama.cpp in its own process",
  right: "the adapted model answers; whatever happens there, this process lives on",
  codes: /^(MODEL_(UNREADABLE|UNSUPPORTED)|ADAPTER_MISMATCH|ENGINE_CRASHED)$/,
  share: 0.05,
  open: async (folder) => {
    const places = await make(folder);
    const open = () =>
      openLlamaEngine({
        model: places.model,
        workers: 1,
        threads: 1,
        slots: 1,
        contextPerSlot: 32,
        cacheDir: folder,
      });
    const answer = async (adapter: string): Promise<Verdict> => {
      const engine = await open();
      try {
        const request = {
          id: "it",
          tokens: Int32Array.of(20, 30),
          adapter,
          sampling: { ...GREEDY, maxTokens: 2 },
        };
        for await (const { tokens } of engine.generate([request])) holds(tokens.length <= 2, "it answers");
        return null;
      } finally {
        await engine.close();
      }
    };
    return {
      wholes: 1,
      read: ({ draw }) =>
        inFolder(folder, async (dir) => {
          const path = join(dir, "adapter.gguf");
          const make = () => (draw === null ? places.gguf : mutateGguf({ bytes: places.gguf, draw }));
          const model = await readBaseModel({ path: places.model });
          const check = async (bytes: Buffer) => {
            writeFileSync(path, bytes);
            await readAdapter({ path, model });
          };
          await passing({ make, check });
          return await answer(await resolve(path, places, dir));
        }),
    };
  },
};
