/** Messages between the engine and its host processes. They cross by structured clone, so typed arrays stay typed arrays. */
import type { ErrorRecord } from "../../errors.ts";
import type {
  Capture,
  CaptureRequest,
  DivergenceRequest,
  Divergences,
  Generation,
  GenerationRequest,
  ScoreRequest,
  TokenScores,
} from "../engine.ts";

export interface HostOptions {
  path: string;
  slots: number;
  contextPerSlot: number;
  threads: number;
  gpuLayers: number;
  cache: "f32" | "f16";
  /** Pad a lone row with a dummy: float kernels compute a single row by another routine. */
  padLone: boolean;
}

/** `key` names a job between the two processes; the request's own id is the caller's. */
export type Job =
  | { key: number; kind: "generate"; request: GenerationRequest; stream: boolean }
  | { key: number; kind: "capture"; request: CaptureRequest }
  | { key: number; kind: "score"; request: ScoreRequest }
  | { key: number; kind: "divergence"; request: DivergenceRequest };

export type ToHost =
  | { type: "open"; options: HostOptions }
  | { type: "quantize"; from: string; to: string; ftype: number; threads: number }
  | { type: "job"; job: Job }
  | { type: "cancel"; keys: number[] }
  | { type: "tokenize"; call: number; text: string; plain: boolean }
  | { type: "detokenize"; call: number; tokens: Int32Array };

export interface HostReady {
  dModel: number;
  layers: number;
  vocabulary: number;
  contextLength: number;
  addsBos: boolean;
  contextPerSlot: number;
  version: string;
  libraries: string[];
  system: string;
}

export type JobResult =
  | { kind: "generate"; value: Generation }
  | { kind: "capture"; value: Capture }
  | { kind: "score"; value: TokenScores }
  | { kind: "divergence"; value: Divergences };

export type FromHost =
  | { type: "ready"; ready: HostReady }
  | { type: "quantized" }
  /** `call` is null where the message was no call: the start failed. */
  | { type: "refused"; error: ErrorRecord; call: number | null }
  | { type: "result"; key: number; result: JobResult }
  | { type: "failed"; key: number; error: ErrorRecord }
  | { type: "token"; key: number; token: number; text: string }
  | { type: "tokens"; call: number; tokens: Int32Array }
  | { type: "text"; call: number; text: string };
