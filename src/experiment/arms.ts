/** Arms: what differs between compared trials, as data. A unit is what they share, so that trials can be paired. */
import type { Positions } from "../engine/engine.ts";
import type { ArmRecord } from "../store/records.ts";

/** What arms share: one latent at its threshold, one prompt, one seed. */
export interface Unit {
  key: string;
  latent: number;
  /** The latent's threshold. */
  strength: number;
  promptIndex: number;
  prompt: string;
  seed: number;
}

/** How strongly an arm steers: by the latent's own threshold, at one strength for all latents (METHOD.md 7.2), or by what it does. */
export type Level =
  | { kind: "threshold"; times: number }
  /** Mean of all thresholds of the run plus so many of their standard deviations, at least 0. */
  | { kind: "shared"; deviations: number }
  /** Each latent at the strength that moves next-token distributions by so many nats a token, `KL(steered || unsteered)`. */
  | { kind: "kl"; nats: number };

export interface Steering {
  /** The unit's latent, or the vector that contrastive prompts give for its label, of the same norm. */
  by: "latent" | "contrast";
  level: Level;
  /** Whether the divergence at its strengths is measured as well. It is about the report, and no part of a trial's key. */
  divergence?: true;
}

export interface Ablation {
  latents: number[];
  /** Value that the latents are clamped to; 0 is ablation. */
  value: number;
  /** Share of the way to the value, 1 is all of it. */
  share: number;
}

export interface MetaPrompt {
  /** `{label}` stands for the label of the unit's latent. */
  text: string;
  /** `after` is the paper's place, one space behind the prompt (METHOD.md 7.5). `instead`: asked in the prompt's place. */
  place: "system" | "before" | "after" | "instead";
  /** Whether the judge reads it as a part of the prompt, as in the paper. */
  judged: boolean;
}

/** Text with which the answer begins: given, or the first tokens of what another arm answered to the same unit. */
export type Prefill =
  | { kind: "text"; text: string }
  | {
      kind: "arm";
      arm: string;
      tokens: number;
      /** Cut to the shortest answer of `arm` and of these, so that starts of several arms are equally long. */
      sameLengthAs: string[];
      /** Text behind the start, for example a sentence that starts over. */
      followedBy?: string;
    };

export interface Adapter {
  /** A GGUF LoRA adapter. */
  path: string;
  /** SHA-256 of the file: a path does not tell what lies there. */
  hash: string;
}

/** Latents to be read at each token, kept with the trial under a name. */
export interface ArmRecording {
  name: string;
  latents: number[];
  /** Also the unit's own latent, as the last column where it is not among the others. */
  withSteered?: true;
}

export interface Arm {
  name: string;
  /** null where the arm is not steered. */
  steering: Steering | null;
  ablation: Ablation | null;
  metaPrompt: MetaPrompt | null;
  prefill: Prefill | null;
  adapter: Adapter | null;
  /** Rows that are edited. A prefilled start counts as prompt. */
  positions: Positions;
  recording: ArmRecording | null;
}

/** An arm with what makes it differ, which is part of each trial's key. */
export interface DeclaredArm extends Arm {
  content: ArmRecord["content"];
}

export const AT_THRESHOLD: Level = { kind: "threshold", times: 1 };

/** The columns of a unit's recording. */
export function recordedLatents({
  recording: { latents, withSteered },
  unit,
}: {
  recording: ArmRecording;
  unit: Pick<Unit, "latent">;
}): number[] {
  return withSteered === true && !latents.includes(unit.latent) ? [...latents, unit.latent] : [...latents];
}

/** An arm that differs from the unsteered one only in what is given. */
export function armOf({ name, ...parts }: Partial<Arm> & Pick<Arm, "name">): Arm {
  return {
    name,
    steering: null,
    ablation: null,
    metaPrompt: null,
    prefill: null,
    adapter: null,
    positions: { kind: "all" },
    recording: null,
    ...parts,
  };
}

/** Adds the threshold times the latent's decoder direction at every position (METHOD.md 3.3), and what else is given. */
export function steeredArm(parts: Partial<Arm> = {}): Arm {
  return armOf({ name: "steered", steering: { by: "latent", level: AT_THRESHOLD }, ...parts });
}

/** The same units without any edit. */
export function unsteeredArm(parts: Partial<Arm> = {}): Arm {
  return armOf({ name: "unsteered", ...parts });
}
