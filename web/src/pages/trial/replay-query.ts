/** A trial as what the playground is asked. */
import type { TrialDetail } from "../../../../src/server/viewer/api/trials.ts";
import type { Query } from "../../lib/api.ts";
import type { ArmContent, ShownSampling } from "./made.ts";

export interface ReplayQueryOptions {
  trial: Pick<TrialDetail["trial"], "prompt" | "latent" | "label" | "strength" | "seed" | "receipt">;
  content: ArmContent | null;
  sampling: ShownSampling | null;
}

/** What the arm did to the trial and the playground can do as well. It names adapters, and a run knows them by their hash. */
export function replayQuery({ trial, content, sampling }: ReplayQueryOptions): Query {
  const { prompt, latent, label, strength, seed, receipt } = trial;
  const isSteered =
    content === null
      ? receipt?.edits.some(({ kind }) => kind === "add") === true
      : content.steer === "sae-latent";
  const positions = content?.positions.kind ?? "all";
  return {
    prompt,
    ...(isSteered && latent !== null ? { latent, strength } : {}),
    ...(isSteered && (positions === "prompt" || positions === "generated") ? { positions } : {}),
    seed,
    ablate: content?.ablate?.latents.join(","),
    meta: content?.metaPrompt?.text.replaceAll("{label}", label ?? ""),
    temperature: sampling?.temperature,
    tokens: sampling?.maxTokens,
  };
}

/** What of the trial a replay leaves out; empty where it is asked just the same. */
export function replayLacks(content: ArmContent | null): string[] {
  return [
    ...(content?.prefill == null ? [] : ["the given start"]),
    ...(content?.adapter == null ? [] : ["the adapter"]),
    ...(content?.steer === "contrast" ? ["the contrast vector"] : []),
    ...(content?.ablate != null && (content.ablate.share !== 1 || content.ablate.value !== 0)
      ? ["the partial clamp"]
      : []),
    ...(content?.metaPrompt != null && content.metaPrompt.place !== "after"
      ? ["the meta-prompt's place"]
      : []),
  ];
}
