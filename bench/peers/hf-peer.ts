/** The transformers peer as a process that stays up: JSON lines to `hf_steer.py` and back, one request at a time. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { PYTHON } from "./environment.ts";

const SCRIPT = fileURLToPath(new URL("./hf_steer.py", import.meta.url));

const failureSchema = z.object({ ok: z.literal(false), error: z.string() });
const loadedSchema = z.object({
  ok: z.literal(true),
  seconds: z.number(),
  dtype: z.string(),
  parameters: z.number().int(),
});
const generatedSchema = z.object({
  ok: z.literal(true),
  tokens: z.number().int(),
  seconds: z.number(),
  rowsEdited: z.number().int(),
  text: z.string(),
});
export type PeerGeneration = z.infer<typeof generatedSchema>;

const capturedSchema = z.object({
  ok: z.literal(true),
  tokens: z.number().int(),
  seconds: z.number(),
  /** Of the first sequence, `[d_model]`. */
  last: z.array(z.number()),
});

export interface PeerOptions {
  gguf: string;
  dtype: "bf16" | "f32";
  threads: number;
  layer: number;
  strength: number;
  direction: Float32Array;
}

export interface PeerRequest {
  tokens: Int32Array;
  rows: number;
  newTokens: number;
  steered: boolean;
  seed: number;
  temperature: number;
  repetitionPenalty: number;
}

export class HfPeer {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  private constructor() {
    this.#process = spawn(PYTHON, ["-u", SCRIPT], { stdio: ["pipe", "pipe", "inherit"] });
    // a process that can't start or has died shows as the end of its answers in #ask; without listeners these events would end ours
    this.#process.on("error", () => {});
    this.#process.stdin.on("error", () => {});
    this.#reader = createInterface({ input: this.#process.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** Starts the process and loads the model. Throws if either fails. */
  static async open({ direction, ...options }: PeerOptions): Promise<HfPeer> {
    const peer = new HfPeer();
    try {
      await peer.#ask({ op: "load", ...options, direction: [...direction] }, loadedSchema);
    } catch (error) {
      await peer.close();
      throw error;
    }
    return peer;
  }

  generate({ tokens, ...request }: PeerRequest): Promise<PeerGeneration> {
    return this.#ask({ op: "generate", ...request, tokens: [...tokens] }, generatedSchema);
  }

  /** Rows of the hooked layer of sequences of one length; the blocks behind it are not computed. */
  capture({ sequences }: { sequences: readonly Int32Array[] }): Promise<z.infer<typeof capturedSchema>> {
    return this.#ask({ op: "capture", tokens: sequences.map((each) => [...each]) }, capturedSchema);
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("close", resolve));
    this.#reader.close();
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill();
    await ended;
  }

  async #ask<T>(request: object, schema: z.ZodType<T>): Promise<T> {
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    const line = await this.#lines.next();
    if (line.done) throw new Error("The transformers peer ended; its own message stands above.");
    const answer: unknown = JSON.parse(line.value);
    const failure = failureSchema.safeParse(answer);
    if (failure.success) throw new Error(`The transformers peer failed: ${failure.data.error}`);
    return schema.parse(answer);
  }
}
