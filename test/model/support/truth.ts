/** The PyTorch truths of the default model: `test/data/smollm2/` (chats, token ids, residual rows, logits, greedy continuations). */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { openSafetensors } from "../../../src/sae/safetensors.ts";

const Tokens = z.object({
  layer: z.number(),
  chats: z.array(z.object({ text: z.string(), ids: z.array(z.number()) })),
});
const Cases = z.object({
  "add.scale": z.number(),
  cases: z.array(
    z.object({ key: z.string(), chat: z.number(), arm: z.string(), greedy: z.array(z.number()) }),
  ),
});

function dataFile(name: string): string {
  return fileURLToPath(new URL(`../../data/smollm2/${name}`, import.meta.url));
}

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(dataFile(name), "utf8"));
}

const tokens = Tokens.parse(readJson("tokens.json"));
const truth = Cases.parse(readJson("truth.json"));
const tensors = openSafetensors({ path: dataFile("truth.safetensors") });

export const LAYER = tokens.layer;
export const ADD_SCALE = truth["add.scale"];
export const CASES = truth.cases;
export const CHATS = tokens.chats;

/** Token ids of a chat up to where the answer begins. */
export function chat(index: number): Int32Array {
  const found = tokens.chats[index];
  if (found === undefined) throw new RangeError(`no chat ${index}`);
  return Int32Array.from(found.ids);
}

export function tensor(name: string): Float32Array {
  return tensors.readTensor(name);
}
