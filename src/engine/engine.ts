/**
 * The engine interface: what every back end can do with tokens, and the proof that it did it.
 * An engine never falls back to an unsteered generation: a request that can't be steered exactly as asked is refused.
 */
import type { EngineHealth } from "./health.ts";

/** A direction of the residual stream, `[d_model]`: an SAE latent's decoder direction, or any vector. */
export type Direction = { sae: string; latent: number } | { vector: Float32Array };

/** `h' = h + strength * direction`. */
export interface AddEdit {
  kind: "add";
  direction: Direction;
  strength: number;
}

/** `h' = h + share * (value - f_k(h)) * d_k`; value 0 is ablation. `sae` is the path of the dictionary. */
export interface ClampEdit {
  kind: "clamp";
  sae: string;
  latent: number;
  value: number;
  /** Share of the way to the value, above 0 and up to 1. @default 1 */
  share?: number;
}

/** What stands in for the residual row: the dictionary's own reconstruction of it, nothing, or one given vector `[d_model]` (mean ablation). */
export type Replacement =
  | { kind: "reconstruction"; sae: string }
  | { kind: "zero" }
  | { kind: "vector"; vector: Float32Array };

/** `h' = decode(encode(h))`, 0 or a vector. It leaves nothing of `h` for another edit, so it is the only edit of its intervention. */
export interface ReplaceEdit {
  kind: "replace";
  by: Replacement;
}

export type Edit = AddEdit | ClampEdit | ReplaceEdit;

/** Which rows are edited. `range` counts from the first prompt token, end exclusive. `until-phrase` edits until the response contains the phrase. */
export type Positions =
  | { kind: "all" }
  | { kind: "prompt" }
  | { kind: "generated" }
  | { kind: "range"; start: number; end: number }
  | { kind: "until-phrase"; phrases: string[] };

/** Edits at the output of one block. All edits of an intervention read the same unedited `h` (METHOD.md 3.2). */
export interface Intervention {
  layer: number;
  edits: Edit[];
  positions: Positions;
}

export interface Sampling {
  /** 0 is greedy. */
  temperature: number;
  /** 1 is off. */
  topP: number;
  /** 0 is off. */
  topK: number;
  /** 0 is off. */
  minP: number;
  /** vLLM's semantics: over prompt and output tokens; 1 is off. */
  repetitionPenalty: number;
  /** The random stream is keyed by (seed, token index). An integer in [0, 2^53). */
  seed: number;
  maxTokens: number;
  /** Generation ends before the first of these; the text excludes it. */
  stop: string[];
}

export const GREEDY: Sampling = {
  temperature: 0,
  topP: 1,
  topK: 0,
  minP: 0,
  repetitionPenalty: 1,
  seed: 0,
  maxTokens: 128,
  stop: [],
};

/** Latents to read at each token, after the intervention of the same layer. */
export interface Recording {
  layer: number;
  sae: string;
  latents: number[];
}

export interface GenerationRequest {
  /** The caller's name for the request; unique within a call. */
  id: string;
  tokens: Int32Array;
  sampling: Sampling;
  /** GBNF with the start rule `root`. Only tokens that keep the response within it are sampled, and the end only where it is complete. */
  grammar?: string;
  intervention?: Intervention;
  record?: Recording;
  /** Path of a GGUF LoRA adapter. */
  adapter?: string;
}

/** What was measured about one edit while it was applied. */
export interface EditReceipt {
  kind: Edit["kind"];
  /** Latent index, or null for a plain vector and for a replacement. */
  latent: number | null;
  /** Rows in which the edit changed the stream (a clamp of a silent latent changes nothing). */
  rowsChanged: number;
  /** Mean latent value before and after the edit; null where `latent` is. */
  meanValueBefore: number | null;
  meanValueAfter: number | null;
  /** Of a replacement only: mean over edited rows of `||h' - h||^2 / d_model`. */
  meanSquaredError?: number;
}

/** The proof of an intervention. Zero `rowsEdited` never leaves an engine: it is an error. */
export interface Receipt {
  layer: number;
  /** Rows that the position policy selected and the edits were applied to. */
  rowsEdited: number;
  promptRows: number;
  generatedRows: number;
  /** Mean over edited rows of `||h' - h|| / ||h||`. */
  meanDose: number;
  /** Mean over edited rows of `||h||` and `||h'||`. */
  meanNormBefore: number;
  meanNormAfter: number;
  edits: EditReceipt[];
}

export type FinishReason = "stop" | "length" | "stop-string";

export interface Generation {
  id: string;
  /** Generated tokens, without the end token. */
  tokens: Int32Array;
  text: string;
  /** UTF-16 offset in `text` at which each token begins, `[tokens]`. */
  offsets: Int32Array;
  promptTokens: number;
  finish: FinishReason;
  receipt: Receipt | null;
  /** `[prompt + generated rows, latents]`, row-major; the last sampled token has no row because it was never fed. */
  recorded: Float32Array | null;
}

export interface CaptureRequest {
  id: string;
  tokens: Int32Array;
  /**
   * Where the response begins, for tokens that were generated: the rows from here on are computed by the routine that computes them at generation,
   * and count as generated to the position policy and in the receipt. @default all tokens are prompt
   */
  promptTokens?: number;
  layer: number;
  intervention?: Intervention;
  /** `rows`: residual rows `[tokens, d_model]`; else latent values `[tokens, latents]`; an empty list means every latent of the SAE. */
  what: { kind: "rows" } | { kind: "latents"; sae: string; latents: number[] };
  adapter?: string;
}

export interface Capture {
  id: string;
  /** Rows of the answer. */
  rows: number;
  /** Columns of the answer: d_model or number of latents. */
  columns: number;
  values: Float32Array;
  receipt: Receipt | null;
}

export interface ScoreRequest {
  id: string;
  tokens: Int32Array;
  /** Index of the first token whose log-probability is wanted; at least 1. */
  from: number;
  intervention?: Intervention;
  adapter?: string;
}

export interface TokenScores {
  id: string;
  /** Natural-log probability of `tokens[from..]`, `[tokens - from]`. */
  logProbs: Float32Array;
  receipt: Receipt | null;
}

/** Both distributions come from the same tokens, and under the same adapter: only the intervention differs. */
export interface DivergenceRequest extends ScoreRequest {
  intervention: Intervention;
}

export interface Divergences {
  id: string;
  /** `KL(steered || unsteered)` in nats of the distributions that `tokens[from..]` were drawn from, `[tokens - from]`; each at least 0. */
  kl: Float32Array;
  /** `KL(unsteered || steered)`, `[tokens - from]`. */
  reverse: Float32Array;
  receipt: Receipt | null;
}

export interface CallOptions {
  signal?: AbortSignal;
  /** Called for each sampled token of a generation, in order, with the text so far. */
  onToken?: (event: { id: string; token: number; text: string }) => void;
}

export type WeightMode = "exact" | "as-is" | "fast";

export interface ModelInfo {
  path: string;
  /** SHA-256 of the weights file that was given (not of a requantised copy). */
  fileHash: string;
  architecture: string;
  name: string;
  layers: number;
  dModel: number;
  vocabulary: number;
  contextLength: number;
  /** Whether plain text begins with the BOS token (a chat template writes it itself). */
  addsBos: boolean;
  /** The ggml type in use, for example `q4_0` or `f32`. */
  weightType: string;
  weightMode: WeightMode;
  chatTemplate: string | null;
  bosText: string;
  eosText: string;
  /** Texts that the tokenizer reads as one control token each; absent where the engine can't list them. */
  controlTexts?: readonly string[];
}

export interface TokenizeOptions {
  /** Control tokens are not recognised, so that a text stands for itself. An engine that can't do so ignores it: use `plainTokens`, which checks. */
  plain?: boolean;
}

/** A running engine. Every call may be made concurrently with others; all share the batch. */
export interface Engine {
  readonly info: ModelInfo;
  /** What built the engine: library versions, CPU variant, workers, threads. Part of the manifest. */
  readonly build: Record<string, string | number>;
  /** Control tokens are recognised; no BOS is added. */
  tokenize(text: string, options?: TokenizeOptions): Promise<Int32Array>;
  detokenize(tokens: Int32Array): Promise<string>;
  /** Results come in the order in which they finish. */
  generate(requests: GenerationRequest[], options?: CallOptions): AsyncIterable<Generation>;
  capture(requests: CaptureRequest[], options?: CallOptions): AsyncIterable<Capture>;
  score(requests: ScoreRequest[], options?: CallOptions): AsyncIterable<TokenScores>;
  /** How far an intervention moves the next-token distributions of given tokens. */
  divergence(requests: DivergenceRequest[], options?: CallOptions): AsyncIterable<Divergences>;
  health(): Promise<EngineHealth>;
  close(): Promise<void>;
}
