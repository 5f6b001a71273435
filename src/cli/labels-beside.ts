/** The labels that lie beside a dictionary. */
import { existsSync } from "node:fs";
import path from "node:path";
import { CountersteerError } from "../errors.ts";
import type { Dictionary } from "../sae/dictionary.ts";
import { type Label, readLabels } from "../sae/labels.ts";

/** Throws SAE_UNREADABLE where there are none, or a line is damaged. */
export function labelsBeside({ dictionary }: { dictionary: Dictionary }): Label[] {
  const labels = labelsIfAny({ dictionary });
  if (labels !== null) return labels;
  throw new CountersteerError("SAE_UNREADABLE", {
    what: `The SAE ${dictionary.path} has no labels.`,
    why: "There is no labels.jsonl in its folder.",
    todo: "Give the latent's index with --latent, or put a labels.jsonl beside the SAE.",
    facts: { path: dictionary.path },
  });
}

/** Null where there is no labels.jsonl. */
export function labelsIfAny({ dictionary }: { dictionary: Dictionary }): Label[] | null {
  const file = path.join(dictionary.path, "labels.jsonl");
  return existsSync(file) ? readLabels({ path: file, latents: dictionary.latents }) : null;
}
