/** Steering vectors without an SAE: difference of means over contrastive prompts, each of the norm of its latent's direction. */
import { createHash } from "node:crypto";
import { CountersteerError } from "../errors.ts";
import { contrastPrompts } from "./contrast-prompts.ts";
import type { Session } from "./session.ts";

export interface ContrastVector {
  /** `[d_model]`, with `||d_k||` of the latent's decoder direction, so that one strength is one dose in both arms. */
  vector: Float32Array;
  /** Of the vector, for the trial's key. */
  hash: string;
}

export interface ContrastVectorsOptions {
  session: Pick<Session, "engine" | "dictionary" | "labels" | "layer" | "tokensOf">;
  latents: readonly number[];
  signal?: AbortSignal | undefined;
}

/** One vector a latent. Throws CONFIG_INVALID for a latent without a label, and what `capture` throws. */
export async function contrastVectors({
  session,
  latents,
  signal,
}: ContrastVectorsOptions): Promise<Map<number, ContrastVector>> {
  const labels = new Map(session.labels.map(({ index, label }) => [index, label]));
  const vectors = new Map<number, ContrastVector>();
  let plainMean: Float64Array | null = null;
  for (const latent of latents) {
    const label = labels.get(latent);
    if (label === undefined || label.trim() === "") throw unlabelled(latent);
    const { about, plain } = contrastPrompts({ label });
    plainMean ??= await meanRow({ session, prompts: plain, signal });
    const mean = await meanRow({ session, prompts: about, signal });
    const norm = Math.hypot(...session.dictionary.direction(latent));
    vectors.set(latent, vectorBetween({ mean, from: plainMean, norm }));
  }
  return vectors;
}

/** The same of prompts that were given, of the norm 1. Throws REQUEST_INVALID where the two sets don't differ, and what `capture` throws. */
export async function givenContrast({
  session,
  positive,
  negative,
  signal,
}: {
  session: Pick<Session, "engine" | "layer" | "tokensOf">;
  positive: readonly string[];
  negative: readonly string[];
  signal?: AbortSignal | undefined;
}): Promise<ContrastVector> {
  const mean = await meanRow({ session, prompts: positive, signal });
  const from = await meanRow({ session, prompts: negative, signal });
  const contrast = vectorBetween({ mean, from, norm: 1 });
  if (contrast.vector.every(Number.isFinite)) return contrast;
  throw new CountersteerError("REQUEST_INVALID", {
    what: "The two sets of contrast prompts give no direction.",
    why: "The model reads them alike, so the difference of their means is zero.",
    todo: "Give prompts that differ between the two sets.",
  });
}

function vectorBetween({
  mean,
  from,
  norm,
}: {
  mean: Float64Array;
  from: Float64Array;
  norm: number;
}): ContrastVector {
  const difference = mean.map((value, i) => value - (from[i] ?? 0));
  const scale = norm / (Math.hypot(...difference) || Number.NaN);
  const vector = Float32Array.from(difference, (value) => value * scale);
  return { vector, hash: createHash("sha256").update(vector).digest("hex").slice(0, 32) };
}

/** Mean of the residual rows of the prompts, each prompt counting once, without its first row, which is an attention sink in many models. */
async function meanRow({
  session,
  prompts,
  signal,
}: {
  session: Pick<Session, "engine" | "layer" | "tokensOf">;
  prompts: readonly string[];
  signal: AbortSignal | undefined;
}): Promise<Float64Array> {
  const { engine, layer, tokensOf } = session;
  const requests = await Promise.all(
    prompts.map(async (prompt, i) => ({
      id: String(i),
      tokens: await tokensOf(prompt),
      layer,
      what: { kind: "rows" as const },
    })),
  );
  const means: Float64Array[] = prompts.map(() => new Float64Array(engine.info.dModel));
  for await (const { id, rows, columns, values } of engine.capture(requests, signal ? { signal } : {})) {
    const mean = means[Number(id)];
    for (let row = 1; row < rows; row++) {
      for (let i = 0; i < columns; i++) {
        if (mean) mean[i] = (mean[i] ?? 0) + (values[row * columns + i] ?? 0) / (rows - 1);
      }
    }
  }
  // summed in the order of the prompts: the order in which the engine finishes must not change the last digits
  return means.reduce(
    (sum, mean) => sum.map((value, i) => value + (mean[i] ?? 0) / means.length),
    new Float64Array(engine.info.dModel),
  );
}

function unlabelled(latent: number): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", {
    what: `Latent ${latent} has no label.`,
    why: "A contrastive vector is made of prompts about the label.",
    todo: "Choose labelled latents, or make labels with `countersteer latents label`.",
    facts: { latent },
  });
}
