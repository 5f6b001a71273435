/** The labels that lie beside a dictionary. */
import { CountersteerError } from "../errors.ts";
import type { Dictionary } from "../sae/dictionary.ts";
import { type Label, labelsFile, readLabels } from "../sae/labels.ts";

/** Throws SAE_UNREADABLE where there are none, or a line is damaged. */
export function labelsBeside({ dictionary }: { dictionary: Dictionary }): Label[] {
  const labels = labelsIfAny({ dictionary });
  if (labels !== null) return labels;
  throw new CountersteerError("SAE_UNREADABLE", {
    what: `The SAE ${dictionary.path} has no labels.`,
    why: "There is no labels.jsonl or labels.jsonl.gz in its folder.",
    todo: "Give the latent's index with --latent, or make labels with `countersteer latents label`.",
    facts: { path: dictionary.path },
  });
}

/** Null where there are none. */
export function labelsIfAny({ dictionary }: { dictionary: Dictionary }): Label[] | null {
  const file = labelsFile({ path: dictionary.path });
  return file === null ? null : readLabels({ path: file, latents: dictionary.latents });
}
