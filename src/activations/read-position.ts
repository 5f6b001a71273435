/** A position of a source as it comes back from a checkpoint. */
import { z } from "zod";
import { CountersteerError } from "../errors.ts";
import type { ActivationPosition } from "../sae/train/activation-source.ts";

const count = z.number().int().nonnegative();
const positionSchema = z.strictObject({ epoch: count, block: count, taken: count });

/** Throws STORE_CORRUPT for anything else than a position. */
export function readPosition(value: unknown): ActivationPosition {
  const parsed = positionSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new CountersteerError("STORE_CORRUPT", {
    what: "The checkpoint does not say where in the activations the training stood.",
    why: `${z.prettifyError(parsed.error)}.`,
    todo: "Start the training again in another folder.",
    cause: parsed.error,
  });
}
