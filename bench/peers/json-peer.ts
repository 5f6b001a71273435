/** A peer as a process that stays up: one JSON line to it, one back. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { z } from "zod";

const failureSchema = z.object({ ok: z.literal(false), error: z.string() });

export class JsonPeer {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  constructor({ python, script }: { python: string; script: string }) {
    this.#process = spawn(python, ["-u", script], { stdio: ["pipe", "pipe", "inherit"] });
    // a process that can't start or has died shows as the end of its answers in `ask`; without listeners these events would end ours
    this.#process.on("error", () => {});
    this.#process.stdin.on("error", () => {});
    this.#reader = createInterface({ input: this.#process.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** Throws what the peer answers as its failure. */
  async ask<T>(request: object, schema: z.ZodType<T>): Promise<T> {
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    const line = await this.#lines.next();
    if (line.done) throw new Error("The peer ended; its own message stands above.");
    const answer: unknown = JSON.parse(line.value);
    const failure = failureSchema.safeParse(answer);
    if (failure.success) throw new Error(`The peer failed: ${failure.data.error}`);
    return schema.parse(answer);
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("close", resolve));
    this.#reader.close();
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill();
    await ended;
  }
}
