/** What one arm does to one unit: strength, edits, messages, and what names the trial. */
import type { Edit, Intervention } from "../engine/engine.ts";
import { CountersteerError } from "../errors.ts";
import type { ChatMessage } from "../model/chat.ts";
import type { Dictionary } from "../sae/dictionary.ts";
import type { Label } from "../sae/labels.ts";
import type { ArmRecord } from "../store/records.ts";
import type { DeclaredArm, Level, MetaPrompt, Unit } from "./arms.ts";
import type { ContrastVector } from "./contrast-vectors.ts";
import type { Budgets } from "./divergence/latent-budgets.ts";

/** What arms need of all latents together, known once every threshold is found. */
export interface Prepared {
  /** Mean and population standard deviation of the run's thresholds, as the paper's grid takes them (METHOD.md 7.2). */
  thresholds: { mean: number; deviation: number };
  /** Empty where no arm steers by such vectors. */
  vectors: ReadonlyMap<number, ContrastVector>;
  /** By latent; empty where no arm steers by divergence. */
  budgets: ReadonlyMap<number, Budgets>;
}

export interface TrialSetup {
  /** As applied; the unit's where the arm is not steered. */
  strength: number;
  messages: ChatMessage[];
  /** The question as the judge reads it. */
  judgedPrompt: string;
  intervention: Intervention | null;
  /** Content of the arm with what it becomes for this unit. */
  identity: ArmRecord["content"];
}

export interface TrialSetupOptions {
  arm: DeclaredArm;
  unit: Unit;
  session: {
    dictionary: Pick<Dictionary, "path">;
    layer: number;
    labels: readonly Pick<Label, "index" | "label">[];
  };
  prepared: Prepared;
}

/** Throws CONFIG_INVALID where the arm needs a label that the latent does not have. */
export function trialSetup({ arm, unit, session, prepared }: TrialSetupOptions): TrialSetup {
  const { steering, ablation, metaPrompt, content } = arm;
  const sae = session.dictionary.path;
  const strength = steering === null ? unit.strength : strengthOf({ level: steering.level, unit, prepared });
  const edits: Edit[] = [];
  const vector = steering?.by === "contrast" ? vectorOf({ unit, prepared }) : null;
  if (steering !== null) {
    const direction = vector === null ? { sae, latent: unit.latent } : { vector: vector.vector };
    edits.push({ kind: "add", direction, strength });
  }
  for (const latent of ablation?.latents ?? []) {
    const { value, share } = ablation ?? { value: 0, share: 1 };
    edits.push({ kind: "clamp", sae, latent, value, ...(share === 1 ? {} : { share }) });
  }
  const text = metaPrompt === null ? null : filled({ metaPrompt, unit, session });
  const asked = text === null ? unit.prompt : promptWith({ metaPrompt, text, prompt: unit.prompt });
  const system: ChatMessage[] =
    metaPrompt?.place === "system" && text !== null ? [{ role: "system", content: text }] : [];
  return {
    strength,
    messages: [...system, { role: "user", content: asked }],
    judgedPrompt:
      metaPrompt?.judged === true ? [...system.map((each) => each.content), asked].join("\n\n") : unit.prompt,
    intervention: edits.length === 0 ? null : { layer: session.layer, positions: arm.positions, edits },
    identity: {
      ...content,
      ...(text === null || text === metaPrompt?.text ? {} : { metaPromptText: text }),
      ...(vector === null ? {} : { vector: vector.hash }),
    },
  };
}

function strengthOf({ level, unit, prepared }: { level: Level; unit: Unit; prepared: Prepared }): number {
  const { thresholds, budgets } = prepared;
  if (level.kind !== "kl") return strengthAt({ level, threshold: unit.strength, thresholds });
  const strength = budgets.get(unit.latent)?.get(level.nats);
  if (strength === undefined) {
    throw new Error(`no strength was found for latent ${unit.latent} at ${level.nats} nats`);
  }
  return strength;
}

/** Of a level that needs no measurement but the thresholds. */
export function strengthAt({
  level,
  threshold,
  thresholds: { mean, deviation },
}: {
  level: Exclude<Level, { kind: "kl" }>;
  /** The latent's own. */
  threshold: number;
  thresholds: Prepared["thresholds"];
}): number {
  return level.kind === "threshold"
    ? threshold * level.times
    : Math.max(0, mean + level.deviations * deviation);
}

function vectorOf({ unit, prepared }: { unit: Unit; prepared: Prepared }): ContrastVector {
  const vector = prepared.vectors.get(unit.latent);
  if (vector === undefined) throw new Error(`no contrastive vector was made for latent ${unit.latent}`);
  return vector;
}

/** Stands in a meta-prompt for the label of the unit's latent. */
export const LABEL = "{label}";

function filled({
  metaPrompt,
  unit,
  session,
}: {
  metaPrompt: MetaPrompt;
  unit: Unit;
  session: TrialSetupOptions["session"];
}): string {
  if (!metaPrompt.text.includes(LABEL)) return metaPrompt.text;
  const label = session.labels.find(({ index }) => index === unit.latent)?.label;
  if (label === undefined) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `Latent ${unit.latent} has no label.`,
      why: "A meta-prompt names it.",
      todo: "Choose labelled latents, or leave out the meta-prompts that name the label.",
      facts: { latent: unit.latent },
    });
  }
  return metaPrompt.text.replaceAll(LABEL, () => label);
}

function promptWith({
  metaPrompt,
  text,
  prompt,
}: {
  metaPrompt: MetaPrompt | null;
  text: string;
  prompt: string;
}): string {
  if (metaPrompt?.place === "instead") return text;
  if (metaPrompt?.place === "before") return `${text} ${prompt}`;
  return metaPrompt?.place === "after" ? `${prompt} ${text}` : prompt;
}
