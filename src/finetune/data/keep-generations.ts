/** Generations that are kept on a shelf, so that each is made once. */
import { z } from "zod";
import type { Engine, GenerationRequest } from "../../engine/engine.ts";
import type { Shelf } from "./shelf.ts";

export const keptGenerationSchema = z.strictObject({
  text: z.string(),
  tokens: z.array(z.int()),
  /** UTF-16 offset in `text` at which each token begins. */
  offsets: z.array(z.int()),
  finish: z.enum(["stop", "length", "stop-string"]),
});
export type KeptGeneration = z.infer<typeof keptGenerationSchema>;

export interface KeepGenerationsOptions {
  engine: Pick<Engine, "generate">;
  requests: readonly GenerationRequest[];
  shelf: Shelf<KeptGeneration>;
  signal?: AbortSignal | undefined;
  /** Called for each generation that is made. */
  onGeneration?: ((tokens: number) => void) | undefined;
}

/** One for each request, in their order, whatever the order in which they finished. Throws what the engine throws, and DISK_FULL. */
export async function keepGenerations(options: KeepGenerationsOptions): Promise<KeptGeneration[]> {
  const { engine, requests, shelf, signal, onGeneration } = options;
  const missing = requests.filter(({ id }) => !shelf.kept.has(id));
  for await (const generation of engine.generate(missing, signal === undefined ? {} : { signal })) {
    const { id, text, tokens, offsets, finish } = generation;
    await shelf.put(id, { text, tokens: Array.from(tokens), offsets: Array.from(offsets), finish });
    onGeneration?.(tokens.length);
  }
  return requests.flatMap(({ id }) => shelf.kept.get(id) ?? []);
}
