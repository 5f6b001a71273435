import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drawFrom, mutate } from "../../test/support/mutate.ts";
import { SAE_DATA, saeRows } from "../../test/support/sae-data.ts";
import { type TemporaryFolder, temporaryFolder } from "../../test/support/temporary-folder.ts";
import { type NpyArray, tinyNpz } from "../../test/support/tiny-npz.ts";
import { CountersteerError } from "../errors.ts";
import type { Dictionary } from "./dictionary.ts";
import { decodeRows, encodeRows } from "./encode.ts";
import { openNpz } from "./npz-file.ts";
import { openDictionary } from "./open-dictionary.ts";
import { readRows, readVector } from "./read-rows.ts";
import { summariseWeights } from "./weight-summary.ts";
import { writeSafetensors } from "./write-safetensors.ts";

const FILES = 2000;
const MEMORY = 256 * 2 ** 20;
const D = 24;
const L = 96;
const row = saeRows().subarray(0, D);

/** A dictionary's files by their names; the first one that may be damaged, and so on. */
interface Whole {
  name: string;
  files: Record<string, Buffer>;
}

function fixture(name: string, names: string[], rename: Record<string, string> = {}): Whole {
  const files = names.map(
    (file) => [rename[file] ?? file, readFileSync(join(SAE_DATA, name, file))] as const,
  );
  return { name, files: Object.fromEntries(files) };
}

function gemmaArrays(): Record<string, NpyArray & { data: Float32Array }> {
  const file = openNpz({ path: `${SAE_DATA}/gemma-scope/params.npz` });
  const arrays = [...file.tensors].map(([name, tensor]) => {
    const rows = Array.from({ length: tensor.shape[0] ?? 0 }, (_, i) => i);
    const data = tensor.shape.length === 2 ? readRows({ tensor, rows }) : readVector(tensor);
    const array: NpyArray & { data: Float32Array } = { shape: [...tensor.shape], data };
    return [name, array] as const;
  });
  file.close();
  return Object.fromEntries(arrays);
}

async function gemmaScope2(folder: string): Promise<Whole> {
  const path = join(folder, "params.safetensors");
  const arrays = Object.entries(gemmaArrays()).map(
    ([name, array]) => [name.replace("W_", "w_"), array] as const,
  );
  await writeSafetensors({ path, tensors: Object.fromEntries(arrays) });
  const config = {
    hf_hook_point_in: "model.layers.17.output",
    hf_hook_point_out: "model.layers.17.output",
    width: L,
    architecture: "jump_relu",
    type: "sae",
  };
  return {
    name: "gemma-scope-2",
    files: { "params.safetensors": readFileSync(path), "config.json": Buffer.from(JSON.stringify(config)) },
  };
}

/** Reads everything that can be read. Throws CountersteerError for a dictionary that can't. */
function readAll(path: string): Dictionary {
  const dictionary = openDictionary({ path });
  try {
    const acts = encodeRows({ dictionary, rows: row });
    expect(acts.length).toBe(L);
    expect(decodeRows({ dictionary, acts }).length).toBe(D);
    const block = { first: 0, count: L };
    const weights = [
      dictionary.encoderBlock(block),
      dictionary.directionBlock(block),
      dictionary.effectiveBiases(),
      dictionary.bDec(),
    ];
    expect(weights.map(({ length }) => length)).toEqual([L * D, L * D, L, D]);
    expect(weights.every((values) => values.every(Number.isFinite))).toBe(true);
    summariseWeights({ dictionary });
    dictionary.hash();
    return dictionary;
  } finally {
    dictionary.close();
  }
}

let temporary: TemporaryFolder;
beforeAll(async () => {
  temporary = await temporaryFolder();
});
afterAll(() => temporary[Symbol.asyncDispose]());

test(`each of ${FILES} damaged files is refused with a code, or read in its shape with finite weights`, async () => {
  const saelens = ["cfg.json", "sae_weights.safetensors"];
  const wholes = [
    ...["standard", "topk", "jumprelu", "batchtopk", "gated"].map((name) => fixture(name, saelens)),
    fixture("sparsify", ["cfg.json", "sae.safetensors"]),
    fixture("gemma-scope", ["params.npz"]),
    { name: "npz, packed", files: { "params.npz": tinyNpz({ arrays: gemmaArrays(), deflate: true }) } },
    await gemmaScope2(temporary.path),
    fixture("goodfire", ["sae.pt"]),
    fixture("goodfire", ["sae.pt"]),
  ];
  const draw = drawFrom(20_260_206);
  const outcomes = new Map<string, { refused: number; read: number }>();
  const before = process.resourceUsage().maxRSS;

  for (let i = 0; i < FILES; i++) {
    const whole = wholes[i % wholes.length];
    if (whole === undefined) throw new Error("there is no dictionary to damage");
    const names = Object.keys(whole.files);
    // of two files the one with the tensors is damaged more often
    const damaged = names[draw(3) === 0 ? 0 : names.length - 1];
    const folder = join(temporary.path, String(i));
    mkdirSync(folder);
    for (const [name, bytes] of Object.entries(whole.files)) {
      writeFileSync(join(folder, name), name === damaged ? mutate({ bytes, draw }) : bytes);
    }
    const outcome = outcomes.get(whole.name) ?? { refused: 0, read: 0 };
    outcomes.set(whole.name, outcome);
    try {
      const { dModel, latents } = readAll(folder);
      expect([dModel, latents]).toEqual([D, L]);
      outcome.read += 1;
    } catch (error) {
      if (!(error instanceof CountersteerError)) {
        throw new Error(`file ${i} (${whole.name}, ${damaged})`, { cause: error });
      }
      expect(error.code).toMatch(/^SAE_/);
      outcome.refused += 1;
    }
  }

  // damage that nothing notices, or that everything does, would test nothing
  for (const { refused, read } of outcomes.values()) {
    expect(refused).toBeGreaterThan(20);
    expect(read).toBeGreaterThan(0);
  }
  expect((process.resourceUsage().maxRSS - before) * 1024).toBeLessThan(MEMORY);
}, 120_000);
