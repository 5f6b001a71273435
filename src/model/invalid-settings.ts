/** How settings from a file are refused: every field that is wrong, by its path. */
import type { z } from "zod";
import { CountersteerError } from "../errors.ts";

export interface InvalidSettingsOptions {
  /** Where the settings come from, as the user knows it. */
  source: string;
  /** What they should have been, such as "recipe". */
  kind: string;
  error: z.ZodError;
  todo: string;
}

/** CONFIG_INVALID naming each field. */
export function invalidSettings({ source, kind, error, todo }: InvalidSettingsOptions): CountersteerError {
  const problems = error.issues.map(({ path, message }) => `${path.join(".") || "(top level)"}: ${message}`);
  return new CountersteerError("CONFIG_INVALID", {
    what: `${source} is no valid ${kind}.`,
    why: `${problems.join("; ")}.`,
    todo,
    facts: { source, problems },
  });
}
