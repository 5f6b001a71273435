/** Opens the judges that are language models, and need nothing of the model that is judged. */
import type { Engine } from "../engine/engine.ts";
import { CountersteerError } from "../errors.ts";
import { type ResolveOptions, resolveModel } from "../model/resolve-model.ts";
import type { Judge } from "./judge.ts";
import type { JudgeSettings } from "./judge-settings.ts";
import { type LlmAccess, llmJudgeOf } from "./llm/open-llm-judge.ts";
import { openLocalLlmJudge } from "./local-llm.ts";

export interface OpenedJudge {
  judge: Judge;
  /** What it has taken since it was opened; null for a judge that costs nothing. */
  spent: (() => Record<string, number>) | null;
  close: () => Promise<void>;
}

export interface OpenLanguageModelJudgeOptions {
  settings: JudgeSettings;
  /** Where answers, models and hashes are kept. */
  cacheDir: string;
  /** Keys of providers. @default none */
  llm?: Pick<LlmAccess, "keys" | "fetch" | "sleep"> | undefined;
  /** How a known model is fetched. */
  pull?: Pick<ResolveOptions, "onProgress" | "hubUrl" | "hubToken"> | undefined;
  /** The engine of the model that is judged, for a judge that is the same model. */
  engine?: Engine | undefined;
  signal?: AbortSignal | undefined;
  onWarning?: ((text: string) => void) | undefined;
}

/**
 * A provider is asked one small question first, so that a wrong key, name or address ends a run before it begins. Throws CONFIG_INVALID (also
 * for the likelihood judge, which belongs to a session), LLM_ACCESS, LLM_UNAVAILABLE, and what opening a model throws.
 */
export async function openLanguageModelJudge(options: OpenLanguageModelJudgeOptions): Promise<OpenedJudge> {
  switch (options.settings.kind) {
    case "llm":
      return await openProviderJudge(options);
    case "local-llm":
      return await openLocalJudge(options);
    case "likelihood":
      throw new CountersteerError("CONFIG_INVALID", {
        what: "The likelihood judge can't judge without the model that wrote the responses.",
        why: "Its scores are that model's own probabilities.",
        todo: "Choose the judge `llm` or `local-llm`.",
        facts: { kind: "likelihood" },
      });
  }
}

async function openProviderJudge({
  settings,
  cacheDir,
  llm,
  signal,
  onWarning,
}: OpenLanguageModelJudgeOptions): Promise<OpenedJudge> {
  const judge = llmJudgeOf({ settings, access: { keys: {}, ...llm, cacheDir } });
  const answer = await judge.check({ signal });
  if (answer.status !== "ok") {
    onWarning?.(`the judge failed a trial question (${answer.status}): ${answer.reason}`);
  }
  return { judge, spent: () => ({ ...judge.spent() }), close: async () => {} };
}

async function openLocalJudge({
  settings,
  cacheDir,
  pull,
  engine,
  signal,
}: OpenLanguageModelJudgeOptions): Promise<OpenedJudge> {
  const { blind, votes, maxTokens } = settings;
  const { path } = await resolveModel({
    model: settings.model ?? "",
    cacheDir,
    ...pull,
    ...(signal ? { signal } : {}),
  });
  return await openLocalLlmJudge({
    model: path,
    cacheDir,
    variant: blind ? "blind" : "told",
    votes,
    maxTokens,
    ...(engine ? { engine } : {}),
  });
}
