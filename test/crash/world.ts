/** What the commands under fire need: a toy model, a dictionary of it, and a server that judges by a rule. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { unitRows, writeStandard } from "../model/support/dictionaries.ts";
import { startLlmServer } from "../support/llm-server.ts";
import { scriptedJudge } from "../support/scripted-judge.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { FAMILIES, tinyModel } from "../support/tiny-model.ts";
import type { World } from "./workload.ts";

const WIDTH = 32;
const LATENTS = 16;

export async function makeWorld(): Promise<World & AsyncDisposable> {
  const folder = await temporaryFolder();
  const server = await startLlmServer({ answer: scriptedJudge });
  const model = path.join(folder.path, "toy.gguf");
  const family = FAMILIES.ChatML;
  if (family === undefined) throw new Error("there is no ChatML family");
  await writeFile(model, tinyModel(family));
  const rows = unitRows(LATENTS, WIDTH);
  const bias = new Float32Array(LATENTS);
  const sae = await writeStandard({
    folder: path.join(folder.path, "sae"),
    encoder: rows,
    bias,
    decoder: rows,
  });
  return {
    folder: folder.path,
    model,
    sae,
    judgeUrl: server.url,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}
