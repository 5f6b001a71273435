/** The part of `latents label` that asks a language model. */
import { type Command, Option } from "commander";
import { CountersteerError } from "../../errors.ts";
import type { CollectedContexts } from "../../latents/collect-contexts.ts";
import { labelByLlm } from "../../latents/label-by-llm.ts";
import type { LabelledLatent } from "../../latents/label-latents.ts";
import { rateConcretenessByLlm } from "../../latents/llm-concreteness.ts";
import type { TokenTexts } from "../../latents/token-texts.ts";
import { openLlmClient } from "../../llm/client.ts";
import { LLM_PROVIDERS, type LlmClient, type LlmProvider } from "../../llm/llm-client.ts";
import { cacheDir } from "../../model/cache-dir.ts";
import type { Label } from "../../sae/labels.ts";
import { createRng } from "../../stats/rng.ts";
import type { CliContext } from "../context.ts";
import { llmKeys } from "../llm-keys.ts";
import { wholeNumber } from "../numbers.ts";

export interface LlmFlags {
  judge?: string;
  llmModel?: string;
  llmProvider?: string;
  llmBaseUrl?: string;
  limit?: number;
  cacheDir?: string;
}

export interface LlmSummary {
  /** Latents that were asked about, and those that got a name. */
  asked: number;
  named: number;
  failures: number;
  /** Mean balanced accuracy of the names that were scored. */
  meanDetection: number | null;
  rated: number;
  costUsd: number;
}

const DEFAULT_MODEL = "sonnet-4.5";
const SEED = 0;

export function addLlmOptions(command: Command): Command {
  return command
    .option("--judge <kind>", "offline, or llm: a language model names the latents (default: offline)")
    .option("--llm-model <name>", `its name, or the provider's id (default: ${DEFAULT_MODEL})`)
    .option("--llm-provider <name>", `whose model it is: ${LLM_PROVIDERS.join(", ")} (default: anthropic)`)
    .option("--llm-base-url <url>", "address of the server, in place of the provider's own")
    .addOption(
      new Option("--limit <n>", "ask about so many living latents only, a random choice").argParser(
        wholeNumber({ flag: "--limit", min: 1 }),
      ),
    );
}

/** Null unless `--judge llm`. Throws CONFIG_INVALID, LLM_ACCESS. */
export function openClient({ flags, context }: { flags: LlmFlags; context: CliContext }): LlmClient | null {
  const { judge = "offline", llmModel = DEFAULT_MODEL, llmBaseUrl } = flags;
  if (judge === "offline") return null;
  if (judge !== "llm") throw invalid({ option: "--judge", value: judge, known: ["offline", "llm"] });
  const provider = providerOf(flags);
  return openLlmClient({
    provider,
    model: llmModel,
    apiKey: llmKeys(context.env)[provider] ?? null,
    baseUrl: llmBaseUrl ?? null,
    cacheDir: cacheDir({ override: flags.cacheDir }),
  });
}

function providerOf({ llmProvider, llmBaseUrl }: LlmFlags): LlmProvider {
  const name = llmProvider ?? (llmBaseUrl === undefined ? "anthropic" : "compatible");
  const provider = LLM_PROVIDERS.find((each) => each === name);
  if (provider === undefined) throw invalid({ option: "--llm-provider", value: name, known: LLM_PROVIDERS });
  return provider;
}

function invalid({ option, value, known }: { option: string; value: string; known: readonly string[] }) {
  return new CountersteerError("CONFIG_INVALID", {
    what: `${option} can't be "${value}".`,
    why: `It takes ${known.join(", ")}.`,
    todo: `Correct ${option}.`,
    facts: { option, value },
  });
}

export interface AskLlmOptions {
  client: LlmClient;
  latents: Iterable<LabelledLatent>;
  collected: CollectedContexts;
  texts: TokenTexts;
  flags: LlmFlags;
  context: CliContext;
}

/** Names of the chosen latents, scored, and a rating of each name; the other latents keep what they have. Throws what the client throws. */
export async function askLlm({
  client,
  latents,
  collected,
  texts,
  flags,
  context: { terminal, signal },
}: AskLlmOptions): Promise<{ labels: Label[]; summary: LlmSummary }> {
  const all = [...latents];
  const chosen = chooseLiving({ latents: all, limit: flags.limit });
  const { labels, detection, failures } = await labelByLlm({
    client,
    latents: chosen,
    silentOf: (latent) =>
      collected.contexts.silent(latent).map((tokens) => Array.from(tokens, (token) => texts.of(token))),
    signal,
    onProgress: (done) =>
      terminal.status(`named by ${flags.llmModel ?? DEFAULT_MODEL}: ${done} of ${chosen.length}`),
  });
  const named = labels.filter(({ source }) => source === "llm");
  const rated = await rateConcretenessByLlm({
    client,
    labels: named.map(({ label }) => label),
    signal,
    onProgress: (done) => terminal.status(`rated for concreteness: ${done} of ${named.length}`),
  });
  const better = new Map(
    named.map((label) => [label.index, { ...label, concreteness: rated.ratings.get(label.label) ?? null }]),
  );
  const scores = [...detection.values()].map(({ balancedAccuracy }) => balancedAccuracy);
  return {
    labels: all.map(({ label }) => better.get(label.index) ?? label),
    summary: {
      asked: chosen.length,
      named: named.length,
      failures: failures.length + rated.failures.length,
      meanDetection:
        scores.length === 0 ? null : scores.reduce((sum, score) => sum + score, 0) / scores.length,
      rated: [...better.values()].filter(({ concreteness }) => concreteness !== null).length,
      costUsd: client.spent().costUsd,
    },
  };
}

function chooseLiving({
  latents,
  limit,
}: {
  latents: readonly LabelledLatent[];
  limit: number | undefined;
}): LabelledLatent[] {
  const living = latents.filter(({ label }) => label.frequency > 0);
  if (limit === undefined || limit >= living.length) return living;
  const rng = createRng({ seed: SEED });
  const order = living.map((latent) => ({ latent, order: rng.below(2 ** 31) }));
  const chosen = order.sort((a, b) => a.order - b.order).slice(0, limit);
  return chosen.map(({ latent }) => latent).sort((a, b) => a.label.index - b.label.index);
}
