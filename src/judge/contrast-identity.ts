/** What a calibration is bound to: the model, and the contrast prompts as the model reads them. */
import type { Engine } from "../engine/engine.ts";
import type { CalibrationIdentity } from "./calibration.ts";
import { hashTokens, orderContrasts } from "./contrast-set.ts";
import type { RenderPrompt } from "./given-prompt.ts";

export interface ContrastIdentityOptions {
  engine: Engine;
  render: RenderPrompt;
  contrastPrompts: readonly string[];
  contrastSize: number;
}

export interface ContrastIdentity {
  /** The contrast prompts in the order in which they are chosen. */
  ordered: string[];
  identity: CalibrationIdentity;
}

/** Hashes the prompts as tokens, so that another chat template or tokenizer is another identity. */
export async function contrastIdentity({
  engine,
  render,
  contrastPrompts,
  contrastSize,
}: ContrastIdentityOptions): Promise<ContrastIdentity> {
  const ordered = orderContrasts({ prompts: contrastPrompts });
  const { fileHash, weightType, weightMode } = engine.info;
  const hash = hashTokens(await Promise.all(ordered.map(render)));
  return {
    ordered,
    identity: { model: { fileHash, weightType, weightMode }, contrast: { hash, size: contrastSize } },
  };
}
