/** What the canned servers say: one answer of the size that a trial of the paper has. */
import { type CompletionExtra, PROTOCOL, type ServerHealth } from "../../src/engine/vllm/protocol.ts";

export const PROMPT_TOKENS = 40;
export const D_MODEL = 576;
const LAYER = 15;
const INSTANCE = "canned";

export function cannedHealth(): ServerHealth {
  return {
    protocol: PROTOCOL,
    instance: INSTANCE,
    plugin: "0.1.0",
    vllm: "canned",
    refusal: null,
    model: {
      served: ["canned"],
      path: "canned",
      hash: "0".repeat(64),
      architecture: "llama",
      block: "LlamaDecoderLayer",
      layers: 30,
      dModel: D_MODEL,
      vocabulary: 49_152,
      maxModelLen: 4096,
      dtype: "bfloat16",
      quantization: null,
      weightType: "bfloat16",
      cacheType: "bfloat16",
      addsBos: false,
      bosText: "",
      eosText: "",
      chatTemplate: null,
    },
    engine: {
      device: "none",
      tensorParallel: 1,
      pipelineParallel: 1,
      dataParallel: 1,
      maxSequences: 256,
      maxBatchedTokens: 8192,
      chunkedPrefill: true,
      prefixCaching: true,
      eager: true,
      asyncScheduling: false,
    },
    build: {},
    saes: [],
    adapters: [],
  };
}

/** With the receipt of a steered answer of `tokens` tokens of five characters each. */
export function cannedCompletion({ tokens }: { tokens: number }): { countersteer: CompletionExtra } {
  const rows = PROMPT_TOKENS + tokens - 1;
  return {
    countersteer: {
      protocol: PROTOCOL,
      instance: INSTANCE,
      promptTokens: PROMPT_TOKENS,
      tokens: Array.from({ length: tokens }, (_, i) => 1000 + ((i * 7919) % 40_000)),
      offsets: Array.from({ length: tokens }, (_, i) => 5 * i),
      text: "word ".repeat(tokens),
      finish: "length",
      receipt: {
        layer: LAYER,
        rowsEdited: rows,
        promptRows: PROMPT_TOKENS,
        generatedRows: tokens - 1,
        meanDose: 0.5,
        meanNormBefore: 100,
        meanNormAfter: 110,
        edits: [
          { kind: "add", latent: null, rowsChanged: rows, meanValueBefore: null, meanValueAfter: null },
        ],
      },
      recorded: null,
    },
  };
}

export const STEERED_LAYER = LAYER;
