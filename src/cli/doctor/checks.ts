/** Proofs on this machine of what the design promises (invariants 1, 2 and 4), each small enough to take a second. */
import type { Engine, Generation, GenerationRequest, Intervention, Sampling } from "../../engine/engine.ts";
import { GREEDY } from "../../engine/engine.ts";

export interface Check {
  name: string;
  ok: boolean;
  detail: string;
}

export interface CheckOptions {
  engine: Engine;
  layer: number;
  signal: AbortSignal;
}

const TEXT = "The lighthouse keeper counted nine ships before the fog came in from the north.";
const STRENGTH = 20;
/** Two roundings of a float32 sum. */
const ROUNDING = 2 ** -22;

/** An add moves every row by exactly what was asked, the receipt says so, and what follows sees it; an add of 0 changes no bit. */
export async function checkHook({ engine, layer, signal }: CheckOptions): Promise<Check[]> {
  const tokens = await engine.tokenize(TEXT);
  const vector = Float32Array.from({ length: engine.info.dModel }, (_, i) => Math.sin(i + 1));
  const add = (strength: number): Intervention => ({
    layer,
    positions: { kind: "all" },
    edits: [{ kind: "add", direction: { vector }, strength }],
  });
  const rows = async (intervention?: Intervention) => {
    const request = { id: "rows", tokens, layer, what: { kind: "rows" as const } };
    return only(engine.capture([intervention ? { ...request, intervention } : request], { signal }));
  };
  const scores = async (intervention?: Intervention) => {
    const request = { id: "scores", tokens, from: 1 };
    return only(engine.score([intervention ? { ...request, intervention } : request], { signal }));
  };
  const plain = await rows();
  const edited = await rows(add(STRENGTH));
  let worst = 0;
  for (const [at, before] of plain.values.entries()) {
    const step = STRENGTH * (vector[at % vector.length] ?? 0);
    const off = Math.abs((edited.values[at] ?? Number.NaN) - before - step);
    const share = off / (ROUNDING * (Math.abs(before) + Math.abs(step)) || 1);
    worst = Number.isNaN(share) ? Number.POSITIVE_INFINITY : Math.max(worst, share);
  }
  const touched = edited.receipt?.rowsEdited ?? 0;
  const [bare, none, some] = [await scores(), await scores(add(0)), await scores(add(STRENGTH))];
  return [
    {
      name: "an add is what was asked for",
      ok: worst <= 1 && touched === tokens.length,
      detail: `layer ${layer}: ${touched} of ${tokens.length} rows edited, largest error ${worst.toFixed(2)} of the float32 rounding`,
    },
    {
      name: "an add of 0 changes nothing",
      ok: equalFloats(bare.logProbs, none.logProbs),
      detail: `${bare.logProbs.length} log-probabilities compared bit by bit`,
    },
    {
      name: "later layers see the edit",
      ok: !equalFloats(bare.logProbs, some.logProbs),
      detail: `mean log-probability ${mean(bare.logProbs).toFixed(3)} -> ${mean(some.logProbs).toFixed(3)}`,
    },
  ];
}

/** A trial alone, and among others of other lengths, gives the same tokens (and latent values, where there is an SAE). */
export async function checkAlone({
  engine,
  layer,
  sae,
  signal,
}: CheckOptions & { sae: string | null }): Promise<Check> {
  const sampling: Sampling = { ...GREEDY, temperature: 0.7, seed: 11, maxTokens: 32 };
  const record = sae === null ? {} : { record: { layer, sae, latents: [0, 1, 2, 3] } };
  const request: GenerationRequest = { id: "it", tokens: await engine.tokenize(TEXT), sampling, ...record };
  const others: GenerationRequest[] = [];
  for (let i = 1; i <= 7; i++) {
    const tokens = await engine.tokenize(TEXT.slice(0, 12 + 9 * i));
    others.push({ id: `other ${i}`, tokens, sampling: { ...sampling, seed: i, maxTokens: 6 + 4 * i } });
  }
  const alone = await only(engine.generate([request], { signal }));
  let among: Generation | null = null;
  for await (const generation of engine.generate([...others, request], { signal })) {
    among = generation.id === request.id ? generation : among;
  }
  const sameTokens = among !== null && alone.tokens.join() === among.tokens.join();
  const sameValues =
    among !== null && equalFloats(alone.recorded ?? new Float32Array(), among.recorded ?? new Float32Array());
  return {
    name: "a trial alone equals itself among others",
    ok: sameTokens && sameValues,
    detail: `${alone.tokens.length} sampled tokens${sae === null ? "" : ` and ${alone.recorded?.length ?? 0} latent values`} compared bit by bit, ${engine.info.weightType} weights`,
  };
}

async function only<T>(results: AsyncIterable<T>): Promise<T> {
  for await (const result of results) {
    return result;
  }
  throw new Error("the engine gave no result");
}

function equalFloats(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((value, at) => Object.is(value, b[at]));
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
