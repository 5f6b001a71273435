/**
 * Thousands of short generations in one engine, and the memory of both its processes on the way: what a leak of a few hundred bytes for each would
 * add up to. Linux only: memory is read from /proc.
 */
import { readFileSync } from "node:fs";
import { type CaptureRequest, type Engine, type GenerationRequest, GREEDY } from "../../src/engine/engine.ts";

interface LeakOptions {
  engine: Engine;
  /** Path of a dictionary of the model. */
  sae: string;
  layer: number;
  generations: number;
  /** Generations between two samples; a multiple of `atOnce`. */
  every: number;
  /** Requests of one call. */
  atOnce: number;
  onSample?: (sample: LeakSample) => void;
}

/** Memory that belongs to a process alone (RssAnon): weights are mapped from their file and not counted. */
interface LeakSample {
  generations: number;
  engineMiB: number;
  parentMiB: number;
}

/** Latents in turn, so that what the engine keeps of each is there after the first rounds. */
const LATENTS = 64;
const NEW_TOKENS = 3;

export async function measureLeaks(options: LeakOptions): Promise<LeakSample[]> {
  const { engine, generations, every, atOnce, onSample } = options;
  const tokens = await engine.tokenize("Name a river:");
  const samples: LeakSample[] = [];
  for (let done = 0; done < generations; ) {
    let got = 0;
    const requests = Array.from({ length: atOnce }, (_, i) =>
      requestOf({ ...options, tokens, index: done + i }),
    );
    for await (const { receipt, id } of engine.generate(requests)) {
      got++;
      if (Number(id) % 4 !== 0 && (receipt?.rowsEdited ?? 0) === 0) throw new Error(`${id} was not steered`);
    }
    if (got !== atOnce) throw new Error(`${got} answers to ${atOnce} requests`);
    done += atOnce;
    if (done % every === 0) {
      await readAndStop({ ...options, tokens });
      const sample = { generations: done, engineMiB: engineMemory(engine), parentMiB: parentMemory() };
      samples.push(sample);
      onSample?.(sample);
    }
  }
  return samples;
}

/** One in four unsteered; the others with an added direction, a clamp, and both with a recording. */
function requestOf({
  tokens,
  sae,
  layer,
  index,
}: Pick<LeakOptions, "sae" | "layer"> & { tokens: Int32Array; index: number }): GenerationRequest {
  const latent = index % LATENTS;
  const sampling = { ...GREEDY, temperature: 0.7, maxTokens: NEW_TOKENS, seed: index };
  const plain = { id: String(index), tokens, sampling };
  if (index % 4 === 0) return plain;
  const add = { kind: "add", direction: { sae, latent }, strength: 20 } as const;
  const clamp = { kind: "clamp", sae, latent, value: 5 } as const;
  const edits = [[add], [add, clamp], [clamp, add]][(index % 4) - 1] ?? [add];
  const intervention = { layer, positions: { kind: "all" }, edits } as const;
  const record = { layer, sae, latents: [latent, (latent + 1) % LATENTS] };
  return { ...plain, intervention: { ...intervention, edits }, ...(index % 4 === 3 ? { record } : {}) };
}

/** The other calls of an engine, and one that is given up. */
async function readAndStop({
  engine,
  tokens,
  sae,
  layer,
}: Pick<LeakOptions, "engine" | "sae" | "layer"> & { tokens: Int32Array }): Promise<void> {
  for await (const _ of engine.score([{ id: "score", tokens, from: 1 }]));
  const what: CaptureRequest["what"] = { kind: "latents", sae, latents: [0, 1] };
  for await (const _ of engine.capture([{ id: "capture", tokens, layer, what }]));
  const controller = new AbortController();
  const sampling = { ...GREEDY, maxTokens: 40 };
  try {
    const options = { signal: controller.signal, onToken: () => controller.abort() };
    for await (const _ of engine.generate([{ id: "stopped", tokens, sampling }], options));
  } catch (error) {
    if (!controller.signal.aborted) throw error;
  }
}

function engineMemory(engine: Engine): number {
  // the interface leaves process ids to the back end
  if (!("pids" in engine) || !Array.isArray(engine.pids)) throw new Error("this engine has no processes");
  return engine.pids.reduce((sum: number, pid: unknown) => sum + anonymousMiB(Number(pid)), 0);
}

function parentMemory(): number {
  // without --expose-gc there is no such function, and garbage would be counted
  globalThis.gc?.();
  return anonymousMiB(process.pid);
}

function anonymousMiB(pid: number): number {
  const kib = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  if (kib === undefined) throw new Error(`/proc/${pid}/status does not tell RssAnon`);
  return Number(kib) / 1024;
}
