/** What training costs elsewhere: how likely held-out texts are under each adapter, against the base model, token by token. */
import type { Engine, ScoreRequest } from "../../engine/engine.ts";
import { type ClusterMean, clusterMean } from "../../stats/cluster-mean.ts";
import type { HeldOutSet, HeldOutText } from "./held-out-texts.ts";

export interface Retention {
  /** Name of the adapter. */
  adapter: string;
  set: HeldOutSet["name"];
  texts: number;
  tokens: number;
  /** `exp` of the mean negative log-probability of a token. */
  perplexity: { base: number; adapted: number };
  /** Adapted less base: mean log-probability of a token in nats, by text (answers: by prompt). Below 0 the adapter has made the text less likely. */
  difference: ClusterMean;
}

export interface MeasureRetentionOptions {
  engine: Pick<Engine, "score">;
  sets: readonly HeldOutSet[];
  adapters: readonly { name: string; path: string }[];
  signal?: AbortSignal | undefined;
  /** Called after each text of each model. */
  onText?: (() => void) | undefined;
}

/** An adapter after the other, each over every set. Throws what the engine throws. */
export async function measureRetention(options: MeasureRetentionOptions): Promise<Retention[]> {
  const { sets, adapters } = options;
  const base = await scoresOf({ ...options, adapter: null });
  const found: Retention[] = [];
  for (const { name, path } of adapters) {
    const adapted = await scoresOf({ ...options, adapter: path });
    for (const [s, set] of sets.entries()) {
      const values = set.texts.flatMap(({ cluster }, t) => {
        const before = base[s]?.[t] ?? new Float32Array(0);
        const after = adapted[s]?.[t] ?? new Float32Array(0);
        return Array.from(after, (logProb, i) => ({
          cluster,
          before: before[i] ?? Number.NaN,
          after: logProb,
        }));
      });
      const perplexity = (of: "before" | "after") =>
        Math.exp(-values.reduce((sum, value) => sum + value[of], 0) / values.length);
      found.push({
        adapter: name,
        set: set.name,
        texts: set.texts.length,
        tokens: values.length,
        perplexity: { base: perplexity("before"), adapted: perplexity("after") },
        difference: clusterMean({
          values: values.map(({ cluster, before, after }) => ({ cluster, value: after - before })),
        }),
      });
    }
  }
  return found;
}

/** Log-probabilities of the measured tokens, by set and text. */
async function scoresOf({
  engine,
  sets,
  adapter,
  signal,
  onText,
}: MeasureRetentionOptions & { adapter: string | null }): Promise<Float32Array[][]> {
  const requests = sets.flatMap(({ texts }, s) =>
    texts.map(({ tokens, from }: HeldOutText, t): ScoreRequest => {
      return { id: `${s} ${t}`, tokens, from, ...(adapter === null ? {} : { adapter }) };
    }),
  );
  const byId = new Map<string, Float32Array>();
  for await (const { id, logProbs } of engine.score(requests, signal === undefined ? {} : { signal })) {
    byId.set(id, logProbs);
    onText?.();
  }
  return sets.map(({ texts }, s) => texts.map((_, t) => byId.get(`${s} ${t}`) ?? new Float32Array(0)));
}
