/** All latents of token sequences, a few sequences at a time, so that memory stays bounded whatever the size of the dictionary. */
import type { Capture, Engine } from "../../engine/engine.ts";
import type { Dictionary } from "../../sae/dictionary.ts";

export interface CaptureLatentsOptions {
  engine: Engine;
  dictionary: Dictionary;
  layer: number;
  /** Token ids of each sequence. */
  sequences: readonly Int32Array[];
  signal?: AbortSignal | undefined;
}

/** Latent values that are held at once. */
const GROUP_VALUES = 2 ** 25;

/** `[tokens, latents]` of each sequence with its index, in the order in which they finish. Throws what the engine throws. */
export async function* captureLatents(
  options: CaptureLatentsOptions,
): AsyncGenerator<Capture & { index: number }> {
  const { engine, dictionary, layer, sequences, signal } = options;
  const limit = GROUP_VALUES / dictionary.latents;
  for (let start = 0; start < sequences.length; ) {
    let end = start;
    let tokens = 0;
    while (end < sequences.length) {
      tokens += sequences[end]?.length ?? 0;
      if (end > start && tokens > limit) break;
      end += 1;
    }
    const requests = sequences.slice(start, end).map((sequence, i) => ({
      id: String(start + i),
      tokens: sequence,
      layer,
      what: { kind: "latents" as const, sae: dictionary.path, latents: [] },
    }));
    for await (const capture of engine.capture(requests, signal === undefined ? {} : { signal })) {
      yield { ...capture, index: Number(capture.id) };
    }
    start = end;
  }
}
