/**
 * The `local-llm` judge: an instruction-tuned GGUF in the in-process engine judges with the wording, the schema and the reading of the `llm`
 * judge. How good its scores are is the model's affair: the default model of 135M parameters only proves that the way works.
 */
import path from "node:path";
import type { Engine, WeightMode } from "../engine/engine.ts";
import type { OpenEnds } from "../engine/json-schema-grammar.ts";
import { openLlamaEngine } from "../engine/llama/engine.ts";
import { CountersteerError } from "../errors.ts";
import { hashFile } from "../model/file-hash.ts";
import { type LlmJudge, openLlmJudge } from "./llm/llm-judge.ts";
import type { JudgeVariant } from "./llm/prompt.ts";
import { localLlmClient } from "./local-llm-client.ts";

export interface LocalLlmJudgeOptions {
  /** Path of an instruction-tuned GGUF. */
  model: string;
  /** Folder for hashes and requantised copies. */
  cacheDir: string;
  variant: JudgeVariant;
  /** @default 1 */
  votes?: number;
  /** Longest reply. @default 4096, and never more than the context leaves */
  maxTokens?: number;
  /** Bounds of a reply's texts and lists. @default 400 characters, 8 items */
  openEnds?: OpenEnds;
  /** Tokens of question and reply. @default 4096 */
  contextPerSlot?: number;
  /** @default 8 */
  slots?: number;
  workers?: number;
  threads?: number;
  gpuLayers?: number;
  /** @default "as-is" */
  weights?: WeightMode;
  /** The subject's engine: used, and left open, if it runs the same file with room for the judge's questions. */
  engine?: Engine;
}

export interface OpenedLocalLlmJudge {
  judge: LlmJudge;
  spent: () => Record<string, number>;
  /** Closes the engine, unless it is the subject's. */
  close: () => Promise<void>;
}

/** Throws what opening the model throws, and TEMPLATE_INVALID for a model that can't chat. */
export async function openLocalLlmJudge(options: LocalLlmJudgeOptions): Promise<OpenedLocalLlmJudge> {
  const { model, variant, votes = 1, maxTokens, openEnds } = options;
  const { engine, isOwn } = await engineOf(options);
  try {
    if (engine.info.chatTemplate === null) {
      throw new CountersteerError("TEMPLATE_INVALID", {
        what: `${model} can't be the judge.`,
        why: "It has no chat template, so it is no instruction-tuned model.",
        todo: "Give an instruction-tuned GGUF.",
        facts: { model },
      });
    }
    const client = localLlmClient({
      engine,
      name: path.basename(model).replace(/\.gguf$/i, ""),
      ...(openEnds === undefined ? {} : { openEnds }),
    });
    const judge = openLlmJudge({
      client,
      kind: "local-llm",
      variant,
      votes,
      // two rounds of the batch, so that no slot waits for a question
      atOnce: 2 * Number(engine.build.slots) * Number(engine.build.workers),
      ...(maxTokens === undefined ? {} : { maxTokens }),
    });
    return {
      judge,
      spent: () => ({ ...judge.spent() }),
      close: async () => {
        if (isOwn) {
          await engine.close();
        }
      },
    };
  } catch (error) {
    if (isOwn) {
      await engine.close();
    }
    throw error;
  }
}

async function engineOf({
  model,
  cacheDir,
  contextPerSlot = 4096,
  slots = 8,
  weights = "as-is",
  engine,
  workers,
  threads,
  gpuLayers,
}: LocalLlmJudgeOptions): Promise<{ engine: Engine; isOwn: boolean }> {
  if (
    engine !== undefined &&
    engine.info.weightMode === weights &&
    Number(engine.build.contextPerSlot) >= contextPerSlot &&
    engine.info.fileHash === (await hashFile({ path: model, cacheDir }))
  ) {
    return { engine, isOwn: false };
  }
  const own = await openLlamaEngine({
    model,
    cacheDir,
    contextPerSlot,
    slots,
    weights,
    ...(workers === undefined ? {} : { workers }),
    ...(threads === undefined ? {} : { threads }),
    ...(gpuLayers === undefined ? {} : { gpuLayers }),
  });
  return { engine: own, isOwn: true };
}
