/** The ways in which an adapter is refused. */
import { CountersteerError } from "../../errors.ts";

interface Refusal {
  path: string;
  why: string;
  facts?: Record<string, unknown>;
  cause?: unknown;
}

/** Missing, damaged, or no adapter at all. */
export function adapterUnreadable({ path, why, facts = {}, cause }: Refusal): CountersteerError {
  return new CountersteerError("MODEL_UNREADABLE", {
    what: `${path} can't be read as an adapter.`,
    why,
    todo: "Give a GGUF LoRA file, or a folder that PEFT wrote, with adapter_config.json and adapter_model.safetensors.",
    facts: { path, ...facts },
    cause,
  });
}

/** An adapter that does what is not done here. */
export function adapterUnsupported({ path, why, facts = {} }: Refusal): CountersteerError {
  return new CountersteerError("MODEL_UNSUPPORTED", {
    what: `The adapter ${path} can't be used.`,
    why,
    todo: "Train plain LoRA on the matrices of attention and feed-forward, or merge the adapter into the model with PEFT and convert that.",
    facts: { path, ...facts },
  });
}

/** An adapter of another model. */
export function adapterMismatch({ path, why, facts = {} }: Refusal): CountersteerError {
  return new CountersteerError("ADAPTER_MISMATCH", {
    what: `The adapter ${path} does not fit the model.`,
    why,
    todo: "Give an adapter that was trained on this very model.",
    facts: { path, ...facts },
  });
}
