/**
 * A model written in Hugging Face's format is the model. The weights are compared with llama.cpp's float32 here; with COUNTERSTEER_PEFT_PYTHON
 * (a Python that has torch and transformers) transformers itself loads the folder and has to continue as our engine in exact mode does.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { z } from "zod";
import type { Engine } from "../../src/engine/engine.ts";
import { exportModel } from "../../src/finetune/hugging-face/export-model.ts";
import { renderChat } from "../../src/model/chat.ts";
import { openSafetensors } from "../../src/sae/safetensors.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { gather, openEngine, sampling, scoreOne } from "./support/engine.ts";
import { at, logSoftmax, topIndexes } from "./support/numbers.ts";
import { CHATS, chat } from "./support/truth.ts";

const PYTHON = process.env.COUNTERSTEER_PEFT_PYTHON;
const SCRIPT = fileURLToPath(new URL("../../bench/peers/hf_export_check.py", import.meta.url));
const NEW_TOKENS = 32;
/** Float32 rounding through 30 blocks, as a difference of log-probabilities. */
const LOG_PROB = 1e-3;
/** Digits, spaces, line ends, marks, other scripts, control tokens. */
const TEXTS = [
  "12345 6.7",
  "  two  spaces\n\n\tand a tab",
  "isn't it? We'Ve",
  "crème brûlée 🙂 日本語 2024年",
  "a\r\nb",
  "<|im_start|>user\nHi<|im_end|>\n",
];

let folder: TemporaryFolder;
let engine: Engine;
beforeAll(async () => {
  folder = await temporaryFolder();
  await exportModel({ model: inject("modelPath"), folder: folder.path, type: "float32", provenance: {} });
  engine = await openEngine({ weights: "exact" });
});
afterAll(async () => {
  await engine.close();
  await folder[Symbol.asyncDispose]();
});

test("all tensors of the model are there, and finite", () => {
  const weights = openSafetensors({ path: `${folder.path}/model.safetensors` });
  expect(weights.tensors.size).toBe(272);
  expect(weights.tensors.get("model.embed_tokens.weight")?.shape).toEqual([49_152, 576]);
  for (const name of ["model.layers.15.self_attn.q_proj.weight", "model.norm.weight"]) {
    expect(weights.readTensor(name).every(Number.isFinite), name).toBe(true);
  }
});

const answerSchema = z.object({
  ids: z.array(z.array(z.number())),
  chat: z.string(),
  greedy: z.array(z.array(z.number())),
  logits: z.array(z.array(z.number())),
});

test.skipIf(PYTHON === undefined)("transformers reads, cuts and continues as our engine does", async () => {
  const prompts = CHATS.map((_, i) => chat(i));
  const request = {
    folder: folder.path,
    texts: TEXTS,
    prompts: prompts.map((tokens) => [...tokens]),
    newTokens: NEW_TOKENS,
  };
  const { stdout, stderr, status } = spawnSync(PYTHON ?? "", [SCRIPT], {
    input: JSON.stringify(request),
    maxBuffer: 2 ** 28,
  });
  expect(status, stderr.toString()).toBe(0);
  const answer = answerSchema.parse(JSON.parse(stdout.toString()));
  for (const [i, text] of TEXTS.entries()) {
    expect(answer.ids[i], text).toEqual([...(await engine.tokenize(text))]);
  }
  const { chatTemplate, bosText, eosText } = engine.info;
  const messages = [{ role: "user" as const, content: "Hello" }];
  expect(answer.chat).toBe(
    renderChat({ template: chatTemplate, messages, addGenerationPrompt: true, bosText, eosText }),
  );
  const requests = prompts.map((tokens, i) => ({
    id: String(i),
    tokens,
    sampling: sampling({ maxTokens: NEW_TOKENS }),
  }));
  const found = await gather(engine.generate(requests));
  for (const [i, tokens] of prompts.entries()) {
    const logits = Float32Array.from(answer.logits[i] ?? []);
    const wanted = logSoftmax(logits);
    for (const token of topIndexes(logits, 3)) {
      const scored = await scoreOne(engine, {
        tokens: Int32Array.from([...tokens, token]),
        from: tokens.length,
      });
      expect(Math.abs(at(scored, 0) - at(wanted, token))).toBeLessThan(LOG_PROB);
    }
    const mine = [...(found.get(String(i))?.tokens ?? [])];
    const theirs = (answer.greedy[i] ?? []).filter((token) => token !== 2);
    const split = theirs.findIndex((token, j) => token !== mine[j]);
    if (split < 0) continue;
    // only two tokens that are nearly as likely may part them
    const before = Int32Array.from([...tokens, ...mine.slice(0, split)]);
    const scoreOf = async (token: number) =>
      at(await scoreOne(engine, { tokens: Int32Array.from([...before, token]), from: before.length }), 0);
    const gap = Math.abs((await scoreOf(at(mine, split))) - (await scoreOf(at(theirs, split))));
    expect(gap, `chat ${i} parts at token ${split}`).toBeLessThan(LOG_PROB);
  }
});
