/** A trial as what the playground is asked. */
import type { Playground } from "../../../../src/server/viewer/api/playground.ts";
import type { TrialDetail } from "../../../../src/server/viewer/api/trials.ts";
import type { Query } from "../../lib/api.ts";
import type { ArmContent, ShownSampling } from "./made.ts";

export interface ReplayQueryOptions {
  trial: Pick<TrialDetail["trial"], "prompt" | "latent" | "label" | "strength" | "seed" | "receipt">;
  content: ArmContent | null;
  sampling: ShownSampling | null;
  /** Name of the arm's adapter in the playground, as `offeredName` gives it. */
  adapter: string | null;
}

/** The playground names adapters, and a run knows them by their hash. null where the arm has none, or it is not offered. */
export function offeredName(content: ArmContent | null, adapters: Playground["adapters"]): string | null {
  if (content?.adapter == null) return null;
  return adapters.find(({ hash }) => hash === content.adapter)?.name ?? null;
}

/** What the arm did to the trial and the playground can do as well. */
export function replayQuery({ trial, content, sampling, adapter }: ReplayQueryOptions): Query {
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
    ...(adapter === null ? {} : { adapter }),
    temperature: sampling?.temperature,
    tokens: sampling?.maxTokens,
  };
}

/** What of the trial a replay leaves out; empty where it is asked just the same. */
export function replayLacks({ content, adapter }: Pick<ReplayQueryOptions, "content" | "adapter">): string[] {
  return [
    ...(content?.prefill == null ? [] : ["the given start"]),
    ...(content?.adapter == null || adapter !== null ? [] : ["the adapter"]),
    ...(content?.steer === "contrast" ? ["the contrast vector"] : []),
    ...(content?.ablate != null && (content.ablate.share !== 1 || content.ablate.value !== 0)
      ? ["the partial clamp"]
      : []),
    ...(content?.metaPrompt != null && content.metaPrompt.place !== "after"
      ? ["the meta-prompt's place"]
      : []),
  ];
}
