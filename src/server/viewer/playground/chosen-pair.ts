/** From what the form asks for to the two arms of an answer, as a run would have them. */
import type { Adapter, Arm, ArmRecording, DeclaredArm, MetaPrompt, Unit } from "../../../experiment/arms.ts";
import { AT_THRESHOLD, armOf, recordedLatents, unsteeredArm } from "../../../experiment/arms.ts";
import type { ContrastVector } from "../../../experiment/contrast-vectors.ts";
import { declareArms } from "../../../experiment/declare-arms.ts";
import { META_PROMPTS } from "../../../experiment/designs/meta-prompt.ts";
import { keyOfSetup } from "../../../experiment/run-trial.ts";
import type { Session } from "../../../experiment/session.ts";
import { type TrialSetup, trialSetup } from "../../../experiment/trial-setup.ts";
import type { PlaygroundRequest, Side } from "../api/playground.ts";

/** Part of the content of arms that steer by given prompts: change it with the rows that are read. */
const GIVEN_RECIPE = "difference-of-means/given/1";
/** Stands for the latent of an answer that is not steered by one; no dictionary has it. */
const NO_LATENT = -1;

export interface PairSide {
  arm: DeclaredArm;
  setup: TrialSetup;
  /** Of the trial. */
  key: string;
}

export interface ChosenPair {
  sides: Record<Side, PairSide>;
  /** The steered latent; null where a contrast steers, or nothing. */
  latent: number | null;
  /** As asked. */
  prompt: string;
  /** Of the steering; 0 where nothing is added. */
  strength: number;
  seed: number;
  sampling: Session["sampling"];
  adapter: Adapter | null;
  /** What is read at each token; null where there is nothing to read. */
  recording: { name: string; latents: number[] } | null;
}

export interface ChosenPairOptions {
  request: PlaygroundRequest;
  session: Pick<Session, "dictionary" | "engine" | "layer" | "labels" | "sampling" | "templateHash">;
  adapter: Adapter | null;
  /** Where a contrast steers. */
  vector: ContrastVector | null;
  detectors: readonly number[];
}

/** Meta-prompt and adapter are on both sides, so that the two differ in the edits alone. Throws CONFIG_INVALID where a meta-prompt needs a label that the latent lacks. */
export function chosenPair(options: ChosenPairOptions): ChosenPair {
  const { request, session, adapter, vector } = options;
  const { steering, prompt, seed, temperature, maxTokens } = request;
  const latent = latentOf(request);
  const unit: Unit = {
    key: "",
    latent: latent ?? NO_LATENT,
    strength: steering?.strength ?? 0,
    promptIndex: 0,
    prompt,
    seed,
  };
  const sampling = { ...session.sampling, temperature, maxTokens };
  const prepared = {
    thresholds: { mean: unit.strength, deviation: 0 },
    vectors: new Map(vector === null ? [] : [[unit.latent, vector]]),
    budgets: new Map<number, never>(),
  };
  const sideOf = (arm: DeclaredArm): PairSide => {
    const setup = trialSetup({ arm, unit, session, prepared });
    return {
      arm,
      setup,
      key: keyOfSetup({ session: { ...session, sampling }, setup, unit: { latent, prompt, seed } }),
    };
  };
  const { steered, unsteered } = armsOf(options);
  const { recording } = steered;
  return {
    sides: { steered: sideOf(steered), unsteered: sideOf(unsteered) },
    latent,
    prompt,
    strength: unit.strength,
    seed,
    sampling,
    adapter,
    recording: recording && { name: recording.name, latents: recordedLatents({ recording, unit }) },
  };
}

function armsOf({ request, session, adapter, detectors }: ChosenPairOptions): Record<Side, DeclaredArm> {
  const { steering, ablate } = request;
  const latent = latentOf(request);
  const recording: ArmRecording | null =
    latent === null && detectors.length === 0
      ? null
      : { name: "watched", latents: [...detectors], ...(latent === null ? {} : { withSteered: true }) };
  const common: Partial<Arm> = { metaPrompt: metaPromptOf(request), adapter, recording };
  const steered = armOf({
    ...common,
    name: "steered",
    steering: steering === null ? null : { by: steering.by.kind, level: AT_THRESHOLD },
    ablation: ablate.length === 0 ? null : { latents: [...new Set(ablate)], value: 0, share: 1 },
    positions: { kind: steering?.positions ?? "all" },
  });
  const context = { saeHash: session.dictionary.hash(), layer: session.layer };
  const [first, second] = declareArms({ arms: [steered, unsteeredArm(common)], context });
  if (first === undefined || second === undefined) throw new Error("two arms were declared");
  return { steered: withPrompts(first, steering), unsteered: second };
}

/** The prompts of a contrast are part of what the arm is, as a label's own prompts are in a run. */
function withPrompts(arm: DeclaredArm, steering: PlaygroundRequest["steering"]): DeclaredArm {
  if (steering?.by.kind !== "contrast") return arm;
  const { positive, negative } = steering.by;
  return { ...arm, content: { ...arm.content, recipe: GIVEN_RECIPE, prompts: { positive, negative } } };
}

/** In the paper's place, behind the question (METHOD.md 7.5). */
function metaPromptOf({ metaPrompt }: PlaygroundRequest): MetaPrompt | null {
  if (metaPrompt === null || metaPrompt.trim() === "") return null;
  const shipped = Object.entries(META_PROMPTS).find(([name]) => name === metaPrompt)?.[1];
  return { text: shipped ?? metaPrompt, place: "after", judged: false };
}

export function latentOf({ steering }: Pick<PlaygroundRequest, "steering">): number | null {
  return steering?.by.kind === "latent" ? steering.by.latent : null;
}

/** The text behind a meta-prompt's name, or the text itself. */
export function metaPromptText(request: PlaygroundRequest): string {
  return metaPromptOf(request)?.text ?? "";
}
