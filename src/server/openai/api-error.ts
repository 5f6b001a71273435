/** Refusals in OpenAI's error shape. */
import { CountersteerError, type ErrorCode, messageOf } from "../../errors.ts";

export type ApiStatus = 400 | 403 | 404 | 413 | 415 | 429 | 500 | 503;

export interface ApiErrorBody {
  error: { message: string; type: string; param: string | null; code: string | null };
}

export interface ApiErrorOptions {
  status: ApiStatus;
  message: string;
  /** OpenAI's code, or ours. */
  code?: string;
  /** The parameter that is to blame, as a path such as `messages[0].role`. */
  param?: string;
  cause?: unknown;
}

export class ApiError extends Error {
  readonly status: ApiStatus;
  readonly code: string | null;
  readonly param: string | null;

  constructor({ status, message, code, param, cause }: ApiErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "ApiError";
    this.status = status;
    this.code = code ?? null;
    this.param = param ?? null;
  }

  get body(): ApiErrorBody {
    const { message, param, code } = this;
    return { error: { message, type: TYPES[this.status], param, code } };
  }
}

const TYPES: Readonly<Record<ApiStatus, string>> = {
  400: "invalid_request_error",
  403: "invalid_request_error",
  404: "invalid_request_error",
  413: "invalid_request_error",
  415: "invalid_request_error",
  429: "rate_limit_error",
  500: "server_error",
  503: "server_error",
};

/** Errors that the request itself is to blame for. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set([
  "PROMPT_EMPTY",
  "TEMPLATE_INVALID",
  "CONTEXT_OVERFLOW",
  "REQUEST_INVALID",
  "LATENT_UNKNOWN",
  "LAYER_OUT_OF_RANGE",
  "SAE_MISMATCH",
  "EDIT_NOT_APPLIED",
  "MODEL_UNSUPPORTED",
]);

/** Anything thrown, as what a client is told. `param` is named where the error is the request's fault. */
export function asApiError(error: unknown, param?: string): ApiError {
  if (error instanceof ApiError) {
    return error;
  }
  if (!(error instanceof CountersteerError)) {
    return new ApiError({ status: 500, message: `The server failed: ${messageOf(error)}.`, cause: error });
  }
  const { code, message } = error;
  if (code === "ABORTED") {
    return new ApiError({ status: 503, message, code, cause: error });
  }
  if (!REFUSALS.has(code)) {
    return new ApiError({ status: 500, message, code, cause: error });
  }
  return new ApiError({
    status: 400,
    message,
    // the name that OpenAI's clients know
    code: code === "CONTEXT_OVERFLOW" ? "context_length_exceeded" : code,
    ...(param === undefined ? {} : { param }),
    cause: error,
  });
}
