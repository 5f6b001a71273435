/** What `steer` adds to the residual stream: a latent by index, a latent by its label, or a vector from a file. */
import type { Direction } from "../../engine/engine.ts";
import { CountersteerError } from "../../errors.ts";
import { checkLatent, type Dictionary } from "../../sae/dictionary.ts";
import { openSafetensors } from "../../sae/safetensors.ts";
import { findLabels } from "../find-labels.ts";
import { labelsBeside, labelsIfAny } from "../labels-beside.ts";

export interface DirectionFlags {
  latent?: number;
  label?: string;
  vector?: string;
}

export interface ChosenDirection {
  direction: Direction;
  /** For people: "latent 1848 (creature / serpent / dragon)". */
  name: string;
  /** Null for a vector. */
  latent: number | null;
  /** Other latents that the label could have meant. */
  others: { index: number; label: string }[];
}

const OTHERS_SHOWN = 4;

/** Throws CONFIG_INVALID unless at most one of the three is given. Returns which one, or null. */
export function directionKind(flags: DirectionFlags): keyof DirectionFlags | null {
  const kinds = (["latent", "label", "vector"] as const).filter((kind) => flags[kind] !== undefined);
  if (kinds.length > 1) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `${kinds.map((kind) => `--${kind}`).join(" and ")} were given together.`,
      why: "A prompt is steered in one direction.",
      todo: "Give one of them.",
      facts: { given: kinds },
    });
  }
  return kinds[0] ?? null;
}

/** Throws LATENT_UNKNOWN for an index or a label that the dictionary lacks. */
export function latentDirection({
  flags,
  dictionary,
}: {
  flags: DirectionFlags;
  dictionary: Dictionary;
}): ChosenDirection {
  if (flags.latent !== undefined) {
    checkLatent({ facts: dictionary, latent: flags.latent });
    const label = labelsIfAny({ dictionary })?.find(({ index }) => index === flags.latent)?.label;
    return chosen({ dictionary, index: flags.latent, label, others: [] });
  }
  const query = flags.label ?? "";
  const [first, ...others] = findLabels({ labels: labelsBeside({ dictionary }), query });
  if (first === undefined || query.trim() === "") {
    throw new CountersteerError("LATENT_UNKNOWN", {
      what: `No latent of ${dictionary.path} has a label like "${query}".`,
      why: "Neither the labels nor the tokens that latents fire on have these words.",
      todo: "Search with `countersteer latents <word>`, and give the index with --latent.",
      facts: { query },
    });
  }
  return chosen({ dictionary, index: first.index, label: first.label, others });
}

function chosen({
  dictionary,
  index,
  label,
  others,
}: {
  dictionary: Dictionary;
  index: number;
  label: string | undefined;
  others: { index: number; label: string }[];
}): ChosenDirection {
  return {
    direction: { sae: dictionary.path, latent: index },
    name: `latent ${index}${label === undefined ? "" : ` (${label})`}`,
    latent: index,
    others: others.slice(0, OTHERS_SHOWN).map((other) => ({ index: other.index, label: other.label })),
  };
}

/** The only tensor of a safetensors file, or the one named `vector`. Throws SAE_UNREADABLE, and CONFIG_INVALID where it is no single vector. */
export function vectorDirection({ path }: { path: string }): ChosenDirection {
  const file = openSafetensors({ path });
  try {
    const names = [...file.tensors.keys()];
    const name = names.includes("vector") ? "vector" : names[0];
    if (name === undefined || (names.length > 1 && name !== "vector")) {
      throw notOneVector(
        path,
        `It holds the tensors ${names.join(", ") || "(none)"}; which is meant can't be told.`,
      );
    }
    const { shape } = file.info(name);
    if (shape.filter((size) => size !== 1).length !== 1) {
      throw notOneVector(path, `Its tensor "${name}" has the shape [${shape.join(", ")}].`);
    }
    const vector = file.readTensor(name);
    if (!vector.every(Number.isFinite)) {
      throw notOneVector(path, `Its tensor "${name}" holds numbers that are not finite.`);
    }
    return { direction: { vector }, name: `vector ${path}`, latent: null, others: [] };
  } finally {
    file.close();
  }
}

function notOneVector(path: string, why: string): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", {
    what: `${path} does not hold one vector.`,
    why,
    todo: 'Save one tensor of shape [d_model], named "vector".',
    facts: { path },
  });
}
