/**
 * The error tree. Every refusal that a user can meet is a `CountersteerError` with a stable code; `docs/errors/<CODE>.md` explains each.
 * The text is always in the order: what happened, why, what to do.
 */

/** Stable codes; each has a page of the same name in `docs/errors/`. */
export const ERROR_CODES = [
  "CONFIG_INVALID",
  "MODEL_UNKNOWN",
  "MODEL_UNREADABLE",
  "MODEL_UNSUPPORTED",
  "DOWNLOAD_FAILED",
  "CHECKSUM_MISMATCH",
  "DISK_FULL",
  "FILE_ACCESS",
  "TEMPLATE_INVALID",
  "SAE_UNREADABLE",
  "SAE_UNSUPPORTED",
  "SAE_MISMATCH",
  "LATENT_UNKNOWN",
  "LAYER_OUT_OF_RANGE",
  "PROMPT_EMPTY",
  "CONTEXT_OVERFLOW",
  "REQUEST_INVALID",
  "LIBRARY_MISMATCH",
  "ENGINE_CRASHED",
  "EDIT_NOT_APPLIED",
  "ABORTED",
  "RUN_NOT_FOUND",
  "RUN_EXISTS",
  "RUN_LOCKED",
  "RUNS_UNEQUAL",
  "STORE_CORRUPT",
  "SHARDS_INCOMPLETE",
  "LATENTS_EXHAUSTED",
  "JUDGE_UNCALIBRATED",
  "ADAPTER_MISMATCH",
  "TRAINING_DIVERGED",
  "FINETUNE_CONTAMINATED",
  "FINETUNE_DIVERGED",
  "LLM_ACCESS",
  "LLM_UNAVAILABLE",
  "VLLM_UNAVAILABLE",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

export interface ErrorFacts {
  /** What happened, one sentence. */
  what: string;
  /** Why, one sentence. */
  why: string;
  /** What the user can do about it. */
  todo: string;
  /** The facts as data, for `--json` and for tests. */
  facts?: Record<string, unknown>;
  cause?: unknown;
}

/** An error that a user can act on. */
export class CountersteerError extends Error {
  readonly code: ErrorCode;
  readonly what: string;
  readonly why: string;
  readonly todo: string;
  readonly facts: Record<string, unknown>;

  constructor(code: ErrorCode, { what, why, todo, facts = {}, cause }: ErrorFacts) {
    super(`${what} ${why} ${todo}`, cause === undefined ? undefined : { cause });
    this.name = "CountersteerError";
    this.code = code;
    this.what = what;
    this.why = why;
    this.todo = todo;
    this.facts = facts;
  }
}

/** The plain form that crosses a process boundary or goes into `--json`. */
export interface ErrorRecord {
  code: ErrorCode;
  what: string;
  why: string;
  todo: string;
  facts: Record<string, unknown>;
}

export function toErrorRecord(error: CountersteerError): ErrorRecord {
  const { code, what, why, todo, facts } = error;
  return { code, what, why, todo, facts };
}

export function fromErrorRecord(record: ErrorRecord): CountersteerError {
  return new CountersteerError(record.code, record);
}

/** True for an error of the given code. */
export function isCode(error: unknown, code: ErrorCode): error is CountersteerError {
  return error instanceof CountersteerError && error.code === code;
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
