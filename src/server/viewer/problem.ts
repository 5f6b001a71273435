/** Refusals as the viewer's clients see them: an HTTP status, and what, why and what to do. */
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { z } from "zod";
import { CountersteerError, type ErrorCode, messageOf } from "../../errors.ts";
import type { Problem } from "./api/common.ts";

export interface HttpProblemOptions extends Problem {
  status: ContentfulStatusCode;
  cause?: unknown;
}

/** A refusal that HTTP itself is the reason of, such as a wrong token; its code has no page of its own. */
export class HttpProblem extends Error {
  readonly status: ContentfulStatusCode;
  readonly problem: Problem;

  constructor({ status, cause, ...problem }: HttpProblemOptions) {
    super(`${problem.what} ${problem.why} ${problem.todo}`, cause === undefined ? undefined : { cause });
    this.name = "HttpProblem";
    this.status = status;
    this.problem = problem;
  }
}

/** Where a code of ours has a status that says more than 500. */
const STATUSES: Partial<Record<ErrorCode, ContentfulStatusCode>> = {
  CONFIG_INVALID: 400,
  REQUEST_INVALID: 400,
  PROMPT_EMPTY: 400,
  CONTEXT_OVERFLOW: 400,
  TEMPLATE_INVALID: 400,
  LAYER_OUT_OF_RANGE: 400,
  LATENT_UNKNOWN: 404,
  RUN_NOT_FOUND: 404,
  MODEL_UNKNOWN: 404,
  RUN_EXISTS: 409,
  RUN_LOCKED: 409,
  RUNS_UNEQUAL: 409,
  MODEL_UNSUPPORTED: 422,
  MODEL_UNREADABLE: 422,
  SAE_UNREADABLE: 422,
  SAE_UNSUPPORTED: 422,
  SAE_MISMATCH: 422,
  ADAPTER_MISMATCH: 422,
  EDIT_NOT_APPLIED: 422,
  STORE_CORRUPT: 422,
  ABORTED: 503,
};

/** Anything thrown, as what a client is told. */
export function problemOf(error: unknown): { status: ContentfulStatusCode; problem: Problem } {
  if (error instanceof HttpProblem) {
    return { status: error.status, problem: error.problem };
  }
  if (error instanceof CountersteerError) {
    const { code, what, why, todo } = error;
    return { status: STATUSES[code] ?? 500, problem: { code, what, why, todo } };
  }
  return {
    status: 500,
    problem: {
      code: "UNEXPECTED",
      what: "The viewer failed at this request.",
      why: `${messageOf(error)}.`,
      todo: "Report this with what you did before it.",
    },
  };
}

/** `value` as the schema has it. Throws REQUEST_INVALID (400) naming each field that is wrong. */
export function checked<T>({
  schema,
  value,
  what,
}: {
  schema: z.ZodType<T>;
  value: unknown;
  what: string;
}): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new HttpProblem({
    status: 400,
    code: "REQUEST_INVALID",
    what: `${what} can't be read.`,
    why: `${z.prettifyError(parsed.error).replaceAll("\n", " ")}.`,
    todo: "Correct the address or the request.",
    cause: parsed.error,
  });
}

export function notFound({ what, todo }: { what: string; todo: string }): HttpProblem {
  return new HttpProblem({
    status: 404,
    code: "NOT_FOUND",
    what,
    why: "It may be gone, or the address is wrong.",
    todo,
  });
}
