/** Prompts, from their file to the tokens that a model of each family is given. The models are small, whole, and run in the engine's own process. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { chatTokens } from "../../../src/engine/chat-tokens.ts";
import { type Engine, GREEDY } from "../../../src/engine/engine.ts";
import { openLlamaEngine } from "../../../src/engine/llama/engine.ts";
import { isCode } from "../../../src/errors.ts";
import { loadPrompts } from "../../../src/latents/prompt-set.ts";
import { FAMILIES, type Family, tinyModel } from "../../support/tiny-model.ts";
import type { Kind, Verdict } from "../kind.ts";
import { mutateText } from "../mutate-text.ts";
import { holds, same } from "../same.ts";

const PROMPT = "How do I fold a fitted sheet? Tell me in three steps, please.";
const CONTEXT = 96;

interface Served {
  engine: Engine;
  /** Ids of the control tokens. */
  control: Set<number>;
  /** How many of them frame a message. */
  frame: number;
}

async function serve(folder: string, name: string, family: Family): Promise<Served> {
  const model = join(folder, `${name.replaceAll(/\W/g, "-")}.gguf`);
  writeFileSync(model, tinyModel(family));
  const engine = await openLlamaEngine({
    model,
    workers: 1,
    threads: 1,
    slots: 1,
    contextPerSlot: CONTEXT,
    cacheDir: folder,
  });
  const marks = [...family.control, ...(family.userDefined ?? [])];
  const ids = await Promise.all(marks.map((mark) => engine.tokenize(mark)));
  const control = new Set(ids.map(([id = -1]) => id));
  const inert = await chatTokens({ engine, messages: [{ role: "user", content: "a" }] });
  return { engine, control, frame: inert.filter((token) => control.has(token)).length };
}

/** Control tokens stand where the template put them and nowhere else, the text is whole, and the model goes on from it where it fits. */
async function readPrompt({ engine, control, frame }: Served, content: string): Promise<Verdict> {
  const tokens = await chatTokens({ engine, messages: [{ role: "user", content }] });
  same(tokens.filter((token) => control.has(token)).length, frame, "numbers of control tokens");
  holds((await engine.detokenize(tokens)).includes(content), "the tokens spell the prompt");
  const context = Number(engine.build.contextPerSlot);
  const request = { id: "it", tokens, sampling: { ...GREEDY, maxTokens: 1 } };
  try {
    for await (const { promptTokens } of engine.generate([request])) same(promptTokens, tokens.length);
    holds(tokens.length < context, "what was answered fits the context");
  } catch (error) {
    if (!isCode(error, "CONTEXT_OVERFLOW")) throw error;
    holds(tokens.length >= context, "what was refused as too long is too long");
  }
  return null;
}

export const prompts: Kind = {
  name: "prompt",
  input:
    "prompts: control tokens of all families, control characters, halves of surrogate pairs, up to megabytes",
  right:
    "it has as many control tokens as a harmless prompt, spells the prompt, and is answered where it fits",
  codes: /^(REQUEST_INVALID|PROMPT_EMPTY|CONFIG_INVALID)$/,
  open: async (folder) => {
    const served: Served[] = [];
    for (const [name, family] of Object.entries(FAMILIES)) served.push(await serve(folder, name, family));
    return {
      wholes: served.length,
      read: async ({ whole, draw }) => {
        const one = served[whole];
        if (one === undefined) throw new Error("no such family");
        if (draw === null) return await readPrompt(one, PROMPT);
        const text = mutateText(PROMPT, draw);
        // half of them from a file, as run files name it; a string from elsewhere may hold what no file can
        if (draw(2) === 0) return await readPrompt(one, text.trim());
        const path = join(folder, "prompts.txt");
        writeFileSync(path, text, draw(2) === 0 ? "utf8" : "latin1");
        const [first = ""] = await loadPrompts({ path });
        return await readPrompt(one, first);
      },
      close: async () => {
        await Promise.all(served.map(({ engine }) => engine.close()));
      },
    };
  },
};
