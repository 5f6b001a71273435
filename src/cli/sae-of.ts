/** Which SAE and which layer a command line means. */
import { CountersteerError } from "../errors.ts";
import type { KnownModel } from "../model/registry.ts";
import type { DictionaryFacts } from "../sae/dictionary.ts";
import type { SaeFlags } from "./options.ts";

/** `--sae`, else the model's own. Throws CONFIG_INVALID. */
export function saeOf({ flags, known }: { flags: Pick<SaeFlags, "sae">; known: KnownModel | null }): string {
  const sae = flags.sae ?? known?.defaults.sae;
  if (sae === undefined) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: "No SAE was given.",
      why: "A model that is given as a file has no SAE of its own.",
      todo: "Give --sae, a folder in SAELens' format.",
    });
  }
  return sae;
}

/** `--layer`, else the layer of the SAE, else the model's. Throws CONFIG_INVALID. */
export function layerOf({
  flags,
  dictionary,
  known,
}: {
  flags: Pick<SaeFlags, "layer">;
  dictionary: Pick<DictionaryFacts, "layer" | "path"> | null;
  known: KnownModel | null;
}): number {
  const layer = flags.layer ?? dictionary?.layer ?? known?.defaults.layer;
  if (layer === undefined) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: "No layer was given.",
      why:
        dictionary === null
          ? "A model that is given as a file has no layer of its own."
          : `${dictionary.path} does not say which layer it reads.`,
      todo: "Give --layer.",
    });
  }
  return layer;
}
