/** Arms: what differs between compared trials. A unit is what they share, so that trials can be paired. */
import type { Intervention } from "../engine/engine.ts";
import type { ArmRecord } from "../store/records.ts";

/** What arms share: one latent at one strength, one prompt, one seed. */
export interface Unit {
  key: string;
  latent: number;
  strength: number;
  promptIndex: number;
  prompt: string;
  seed: number;
}

export interface Arm {
  name: string;
  /** The edit of a unit's trial; null where the arm is not steered. */
  intervention: (unit: Unit) => Intervention | null;
  /** What makes the arm differ, as data: part of each trial's key. */
  content: ArmRecord["content"];
}

export interface ArmContext {
  /** Path of the dictionary whose directions steer. */
  sae: string;
  /** SHA-256 of the dictionary, which names it in keys wherever the file lies. */
  saeHash: string;
  layer: number;
}

/** Adds the unit's strength times the latent's decoder direction at every position (METHOD.md 3.3). */
export function steeredArm({ sae, saeHash, layer }: ArmContext): Arm {
  return {
    name: "steered",
    content: { steer: "sae-latent", sae: saeHash, layer, positions: "all" },
    intervention: ({ latent, strength }) => ({
      layer,
      positions: { kind: "all" },
      edits: [{ kind: "add", direction: { sae, latent }, strength }],
    }),
  };
}

/** The same units without any edit. */
export function unsteeredArm(): Arm {
  return { name: "unsteered", content: { steer: null }, intervention: () => null };
}
