/** Everything that can go wrong between the app and its server, in one form. */
import type { z } from "zod";
import { type Problem, problemSchema } from "../../../src/server/viewer/api/common.ts";

export class ApiProblem extends Error {
  /** HTTP status; 0 where no answer came, 200 where the answer had another shape. */
  readonly status: number;
  readonly code: string;
  readonly what: string;
  readonly why: string;
  readonly todo: string;

  constructor(status: number, { code, what, why, todo }: Problem) {
    super(`${what} ${why} ${todo}`);
    this.name = "ApiProblem";
    this.status = status;
    this.code = code;
    this.what = what;
    this.why = why;
    this.todo = todo;
  }
}

export function unreachable(cause: unknown): ApiProblem {
  return new ApiProblem(0, {
    code: "UNREACHABLE",
    what: "The viewer's server does not answer.",
    why: `It was stopped, or the connection broke (${cause instanceof Error ? cause.message : String(cause)}).`,
    todo: "Start `countersteer view` again and open the address that it prints.",
  });
}

export function unexpected(path: string, error: z.ZodError | null): ApiProblem {
  const [issue] = error?.issues ?? [];
  return new ApiProblem(200, {
    code: "ANSWER_UNEXPECTED",
    what: "The server's answer has another shape than this page expects.",
    why:
      issue === undefined
        ? `${path} is not JSON.`
        : `${path}: ${issue.path.map(String).join(".") || "the answer"}: ${issue.message}.`,
    todo: "Reload the page. If it stays so, the server and this page are of different versions.",
  });
}

/** Of an answer with a status that is no success; `body` is its text. */
export function refusal(status: number, body: string): ApiProblem {
  const parsed = problemSchema.safeParse(jsonOf(body));
  if (parsed.success) return new ApiProblem(status, parsed.data);
  return new ApiProblem(status, {
    code: `HTTP_${status}`,
    what: `The server answered with status ${status}.`,
    why: body.trim() === "" ? "It gave no reason." : body.trim().slice(0, 300),
    todo: "Look at the terminal in which `countersteer view` runs.",
  });
}

/** undefined for text that is no JSON, which no JSON text gives. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What to show for anything thrown. */
export function problemOf(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem(0, {
    code: "APP_FAILED",
    what: "This page failed.",
    why: error instanceof Error ? error.message : String(error),
    todo: "Reload it; if that does not help, report what you did.",
  });
}

export function isProblem(error: unknown, code: string): error is ApiProblem {
  return error instanceof ApiProblem && error.code === code;
}

/** True where the request was given up by whoever asked. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
