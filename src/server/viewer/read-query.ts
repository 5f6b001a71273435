/** The query string of a request, checked. */
import type { Context } from "hono";
import type { z } from "zod";
import { checked } from "./problem.ts";

/** A field without text counts as absent. Throws REQUEST_INVALID (400) for any other field, and for one with a bad value. */
export function readQuery<T>(c: Context, schema: z.ZodType<T>): T {
  const given = Object.entries(c.req.query()).filter(([, value]) => value !== "");
  return checked({ schema, value: Object.fromEntries(given), what: "The address" });
}
