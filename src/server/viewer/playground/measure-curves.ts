/** What is drawn over the tokens of an answer: topicality as the likelihood judge measures it, and the sum of the detectors. */
import type { Generation, Intervention } from "../../../engine/engine.ts";
import { oneOf } from "../../../experiment/one-of.ts";
import type { Session } from "../../../experiment/session.ts";
import { chooseContrasts, orderContrasts } from "../../../judge/contrast-set.ts";
import { flawOfScores, scoreGivenPrompt } from "../../../judge/given-prompt.ts";
import { topicalityCurve } from "../../../judge/topicality.ts";

export interface TopicalityOptions {
  session: Pick<Session, "engine" | "prompts" | "config" | "tokensOf">;
  /** The question as the judge reads it. */
  prompt: string;
  /** Of the answer; at least one. */
  tokens: Int32Array;
  signal: AbortSignal;
}

/** In nats, `[tokens]`; null where the model gives a token no finite probability. Throws what `score` throws. */
export async function topicalityOf({
  session,
  prompt,
  tokens,
  signal,
}: TopicalityOptions): Promise<number[] | null> {
  const { engine, prompts, config, tokensOf } = session;
  const ordered = orderContrasts({ prompts: prompts.heldOut });
  const others = chooseContrasts({ ordered, size: config.judge.contrastSize, exclude: [prompt] });
  const pairs = await Promise.all(
    [prompt, ...others].map(async (text, i) => ({
      id: String(i),
      prompt: await tokensOf(text),
      response: tokens,
    })),
  );
  const rows = new Map<string, Float32Array>();
  for await (const { id, logProbs } of scoreGivenPrompt({ engine, pairs, signal })) {
    if (flawOfScores({ logProbs, tokens: tokens.length }) !== null) return null;
    rows.set(id, logProbs);
  }
  const [own, ...contrasts] = pairs.flatMap(({ id }) => rows.get(id) ?? []);
  return own === undefined ? null : rounded(topicalityCurve({ own, contrasts }));
}

export interface DetectorsOptions {
  session: Pick<Session, "engine" | "dictionary" | "layer">;
  detectors: readonly number[];
  /** As the answer was generated. */
  prompt: Int32Array;
  tokens: Int32Array;
  intervention: Intervention | null;
  adapter: string | null;
  signal: AbortSignal;
}

/** Sum of the detectors' values at each token, under the edits of the answer, `[tokens]`. Throws what `capture` throws. */
export async function detectorsSoFar({
  session: { engine, dictionary, layer },
  detectors,
  prompt,
  tokens,
  intervention,
  adapter,
  signal,
}: DetectorsOptions): Promise<number[]> {
  const request = {
    id: "detectors",
    tokens: Int32Array.from([...prompt, ...tokens]),
    promptTokens: prompt.length,
    layer,
    what: { kind: "latents" as const, sae: dictionary.path, latents: [...detectors] },
    ...(intervention === null ? {} : { intervention }),
    ...(adapter === null ? {} : { adapter }),
  };
  const { values } = await oneOf(engine.capture([request], { signal }));
  const columns = detectors.map((_, i) => i);
  return rounded(
    Array.from(tokens, (_, t) =>
      rowSum({ values, row: prompt.length + t, width: detectors.length, columns }),
    ),
  );
}

/** The same of what was recorded at generation; null for the last token where it was never fed. */
export function detectorsRecorded({
  generation: { recorded, promptTokens, tokens },
  latents,
  detectors,
}: {
  generation: Pick<Generation, "recorded" | "promptTokens" | "tokens">;
  /** Latent of each recorded column. */
  latents: readonly number[];
  detectors: readonly number[];
}): (number | null)[] | null {
  if (recorded === null || detectors.length === 0) return null;
  const columns = detectors.map((latent) => latents.indexOf(latent));
  const width = latents.length;
  return Array.from(tokens, (_, t) => {
    const row = promptTokens + t;
    return (row + 1) * width > recorded.length
      ? null
      : round(rowSum({ values: recorded, row, width, columns }));
  });
}

function rowSum({
  values,
  row,
  width,
  columns,
}: {
  values: Float32Array;
  row: number;
  width: number;
  columns: readonly number[];
}): number {
  return columns.reduce((sum, column) => sum + (values[row * width + column] ?? 0), 0);
}

function rounded(values: ArrayLike<number>): number[] {
  return Array.from(values, round);
}

/** Three decimals: it is drawn, and sent many times. */
function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
