/** An arm in sentences: what was done to this trial that was not done to the others. */

import { visibleText } from "../../../../src/report/visible-text.ts";
import { fixed, short } from "../../lib/format.ts";
import type { ArmContent } from "./made.ts";

export interface ArmWordsOptions {
  content: ArmContent;
  latent: number | null;
  label: string | null;
  strength: number;
}

export function armWords({ content, latent, label, strength }: ArmWordsOptions): string[] {
  const { ablate, metaPrompt, prefill, adapter } = content;
  const sentences = [steeringWords({ content, latent, label, strength })];
  if (ablate !== null) {
    const many = ablate.latents.length === 1 ? "1 latent" : `${ablate.latents.length} latents`;
    const way = ablate.share === 1 ? "" : `${fixed(100 * ablate.share, 0)} % of the way `;
    sentences.push(`Clamps ${many} ${way}to ${short(ablate.value)}: ${ablate.latents.join(", ")}.`);
  }
  if (metaPrompt !== null) {
    const place = PLACES[metaPrompt.place] ?? `(${visibleText(metaPrompt.place)})`;
    sentences.push(`Adds ${place}: “${visibleText(metaPrompt.text)}”`);
  }
  if (prefill?.kind === "text") {
    sentences.push(`The answer's start was given: “${visibleText(prefill.text)}”`);
  }
  if (prefill?.kind === "arm") {
    const { tokens, followedBy } = prefill;
    const then = followedBy === undefined ? "" : `, then “${visibleText(followedBy.trim())}”`;
    sentences.push(
      `The answer's start was given, the model wrote only what follows: up to ${short(tokens)} tokens of another arm's answer${then}`,
    );
  }
  if (adapter !== null) sentences.push(`With the LoRA adapter ${visibleText(adapter.slice(0, 12))}.`);
  return sentences;
}

const PLACES: Readonly<Record<string, string>> = {
  system: "as the system message",
  before: "before the prompt",
  after: "behind the prompt",
  instead: "in the prompt's place",
};

function steeringWords({ content, latent, label, strength }: ArmWordsOptions): string {
  const { steer, layer, positions, level } = content;
  const name = latent === null ? "" : ` ${latent}${label === null ? "" : ` (“${visibleText(label)}”)`}`;
  if (steer === null) {
    return latent === null
      ? "Not steered."
      : `Not steered: latent${name} only names the unit that the arms share.`;
  }
  const direction = steer === "contrast" ? `a difference-of-means vector for latent${name}` : `latent${name}`;
  const where = layer === null ? "" : ` at layer ${layer}`;
  return `Steers with ${direction}, strength ${short(strength)}${levelWords(level)}${where}, ${positionWords(positions)}.`;
}

function levelWords(level: ArmContent["level"]): string {
  if (level === null) return "";
  if (level.kind === "threshold") return ` (${short(level.times)} × its threshold)`;
  if (level.kind === "kl") return ` (where it moves next tokens by ${short(level.nats)} nats)`;
  const many = short(Math.abs(level.deviations));
  return ` (the mean threshold ${level.deviations < 0 ? "less" : "plus"} ${many} standard deviations)`;
}

function positionWords({ kind, start, end }: ArmContent["positions"]): string {
  if (kind === "all") return "at every position";
  if (kind === "prompt") return "at the prompt's positions";
  if (kind === "generated") return "at the answer's positions";
  if (kind === "range") return `at positions ${start ?? 0} to ${end ?? "the end"}`;
  return "until a phrase of restart";
}
