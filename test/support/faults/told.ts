/** What a command that failed told its user, in `--json`. */
import { expect } from "vitest";
import { z } from "zod";
import type { CliResult } from "../../model/support/cli.ts";

const failure = z.object({
  error: z.object({ code: z.string(), what: z.string(), why: z.string(), todo: z.string() }),
});
type Told = z.infer<typeof failure>["error"];

/** Its error, which has to have all parts, and is one of `codes`; the exit code is 1, or 130 for a run that was stopped. */
export function toldBy({ result, codes }: { result: CliResult; codes: readonly string[] }): Told {
  const { code: exit, signal, stdout, stderr } = result;
  expect({ signal, stderr: stderr.includes("\n    at ") ? stderr : "" }).toEqual({
    signal: null,
    stderr: "",
  });
  const { error } = failure.parse(JSON.parse(stdout));
  expect(codes, JSON.stringify(error)).toContain(error.code);
  expect(exit).toBe(error.code === "ABORTED" ? 130 : 1);
  for (const part of [error.what, error.why, error.todo]) expect(part).toMatch(/^\S.*[.!?)]$/s);
  return error;
}
