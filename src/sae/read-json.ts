/** Reads a JSON file of a dictionary. */
import { readFileSync, statSync } from "node:fs";
import { z } from "zod";
import { messageOf } from "../errors.ts";
import { unreadable } from "./sae-errors.ts";

/** Configurations are a few hundred bytes; a file above this is another one. */
const MOST_BYTES = 2 ** 20;

/** Throws SAE_UNREADABLE for a file that is missing, too long, no JSON, or not what the schema says. */
export function readJson<T>({ path, schema }: { path: string; schema: z.ZodType<T> }): T {
  let json: unknown;
  try {
    const { size } = statSync(path);
    if (size > MOST_BYTES) throw new Error(`it has ${size} bytes, and ${MOST_BYTES} are the most`);
    json = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw unreadable({ path, why: `${messageOf(cause)}.`, cause });
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw unreadable({ path, why: `${z.prettifyError(parsed.error)}.` });
  return parsed.data;
}
