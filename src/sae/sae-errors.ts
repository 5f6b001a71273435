/** The two ways in which a dictionary is refused. */
import { CountersteerError } from "../errors.ts";

/** A file of a dictionary that is missing or damaged; `facts` carries the bytes. */
export function unreadable({
  path,
  why,
  facts = {},
  cause,
}: {
  path: string;
  why: string;
  facts?: Record<string, unknown>;
  cause?: unknown;
}): CountersteerError {
  return new CountersteerError("SAE_UNREADABLE", {
    what: `${path} can't be read.`,
    why,
    todo: "Download or write the file again, and compare its size with the original.",
    facts: { path, ...facts },
    cause,
  });
}

/** A setting, or a part of a file, that is understood and not implemented. @param known what is, in words */
export function unsupported({
  path,
  field,
  value,
  known,
  todo = "Use another SAE, or convert it with SAELens to a supported form (for example by folding the norms).",
}: {
  path: string;
  field: string;
  value: unknown;
  known: string;
  todo?: string;
}): CountersteerError {
  return new CountersteerError("SAE_UNSUPPORTED", {
    what: `${path} has ${field} = ${JSON.stringify(value)}.`,
    why: `Supported: ${known}.`,
    todo,
    facts: { path, field, value },
  });
}
