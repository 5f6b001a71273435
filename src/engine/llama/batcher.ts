/**
 * Continuous batching over dense slots. One turn fills free slots (prefill), decodes one token for every running generation, and runs one
 * scoring or capture job. Each decode call is one sub-batch: rows of consecutive slots with equally many tokens.
 */
import { CountersteerError, messageOf, toErrorRecord } from "../../errors.ts";
import type { LatentReader } from "./latent-reader.ts";
import type { NativeContext } from "./native-context.ts";
import type { NativeModel } from "./native-model.ts";
import { planOf } from "./plan-of.ts";
import type { FromHost, Job } from "./protocol.ts";
import { RowHook } from "./row-hook.ts";
import type { Sampler } from "./sampler.ts";
import { ScratchRunner } from "./scratch-runner.ts";
import { Sequence } from "./sequence.ts";

export interface BatcherOptions {
  model: NativeModel;
  context: NativeContext;
  sampler: Sampler;
  reader: (sae: string) => LatentReader;
  send: (message: FromHost) => void;
}

interface Admitted {
  slot: number;
  sequence: Sequence;
}

type GenerateJob = Extract<Job, { kind: "generate" }>;
type ScratchJob = Exclude<Job, { kind: "generate" }>;

export class Batcher {
  readonly #o: BatcherOptions;
  readonly #hook = new RowHook();
  readonly #scratch: ScratchRunner;
  readonly #slots: (Sequence | null)[];
  #waiting: GenerateJob[] = [];
  #scratchJobs: ScratchJob[] = [];

  constructor(options: BatcherOptions) {
    this.#o = options;
    this.#slots = new Array<Sequence | null>(options.context.slots).fill(null);
    this.#scratch = new ScratchRunner({ ...options, hook: this.#hook });
  }

  add(job: Job): void {
    if (job.kind === "generate") {
      this.#waiting.push(job);
    } else {
      this.#scratchJobs.push(job);
    }
  }

  cancel(keys: Set<number>): void {
    this.#waiting = this.#waiting.filter((job) => !keys.has(job.key));
    this.#scratchJobs = this.#scratchJobs.filter((job) => !keys.has(job.key));
    this.#slots.forEach((sequence, slot) => {
      if (sequence !== null && keys.has(sequence.key)) {
        this.#release(slot);
      }
    });
  }

  /** Does one turn; false when there is nothing to do. */
  turn(): boolean {
    this.#admit();
    this.#closeGaps();
    const stepped = this.#step();
    const job = this.#scratchJobs.shift();
    if (job) {
      this.#runScratch(job);
    }
    return stepped || job !== undefined || this.#waiting.length > 0;
  }

  #admit(): void {
    // a lone prompt token may get a companion in the next slot, which has to be free
    if (this.#waiting.some(({ request }) => request.tokens.length === 1)) {
      this.#closeGaps();
    }
    let group: Admitted[] = [];
    const prompts = new Set<string>();
    const flush = () => {
      if (group.length > 0) {
        this.#prefill(group);
        group = [];
        prompts.clear();
      }
    };
    for (let slot = 0; slot < this.#slots.length && this.#waiting.length > 0; slot++) {
      if (this.#slots[slot] !== null) {
        continue;
      }
      const sequence = this.#nextSequence();
      if (sequence === null) {
        break;
      }
      const last = group.at(-1);
      const length = sequence.request.tokens.length;
      const fits =
        last !== undefined &&
        last.slot === slot - 1 &&
        last.sequence.request.tokens.length === length &&
        (prompts.has(sequence.promptKey) || (prompts.size + 1) * length <= this.#o.context.chunkRows);
      if (!fits) {
        flush();
      }
      group.push({ slot, sequence });
      prompts.add(sequence.promptKey);
    }
    flush();
  }

  #nextSequence(): Sequence | null {
    for (;;) {
      const job = this.#waiting.shift();
      if (job === undefined) {
        return null;
      }
      const { key, request, stream } = job;
      try {
        const plan = planOf(request.intervention, this.#o.reader);
        const recordReader = request.record ? this.#o.reader(request.record.sae) : null;
        recordReader?.prepare(request.record?.latents ?? []);
        const grammar = request.grammar === undefined ? null : this.#o.model.grammar(request.grammar);
        return new Sequence({ key, request, plan, recordReader, stream, grammar });
      } catch (error) {
        this.#fail([key], error);
      }
    }
  }

  /** Computes each different prompt once, in the first slots of the group; sequences with an equal one get a copy of its cache. */
  #prefill(group: Admitted[]): void {
    const { context } = this.#o;
    const shares = sharedPrompts(group);
    const length = group[0]?.sequence.request.tokens.length ?? 0;
    // a group of several prompts always fits into one chunk
    const parts = chunks(length, context.chunkRows);
    try {
      for (const { slot } of group) {
        context.clear(slot);
      }
      for (const [start, end] of parts) {
        this.#begin();
        for (const { slot, sequence } of shares.map(({ first }) => first)) {
          for (let position = start; position < end; position++) {
            context.push(sequence.request.tokens[position] ?? 0, position, slot, position === length - 1);
            this.#hook.add(sequence.use(position));
          }
        }
        this.#decode({
          nextSlot: (shares.at(-1)?.first.slot ?? 0) + 1,
          rows: shares.length * (end - start),
          position: start,
        });
      }
      for (const { first, others } of shares) {
        for (const { slot, sequence } of others) {
          context.copy(first.slot, slot);
          sequence.adoptPrompt(first.sequence);
        }
      }
    } catch (error) {
      this.#fail(
        group.map(({ sequence }) => sequence.key),
        error,
      );
      for (const { sequence } of group) {
        sequence.close();
      }
      return;
    }
    const [start, end] = parts.at(-1) ?? [0, 0];
    shares.forEach(({ first, others }, i) => {
      const logits = context.logits((i + 1) * (end - start) - 1);
      // sampling uses the row up
      const copies = others.map(() => logits.slice());
      [first, ...others].forEach(({ slot, sequence }, j) => {
        this.#slots[slot] = sequence;
        this.#sample(slot, sequence, copies[j - 1] ?? logits);
      });
    });
  }

  /** Moves the last sequences into gaps, so that running slots are dense. */
  #closeGaps(): void {
    let last = this.#slots.length - 1;
    for (let slot = 0; slot < last; slot++) {
      if (this.#slots[slot] !== null) {
        continue;
      }
      while (last > slot && this.#slots[last] === null) {
        last--;
      }
      if (last > slot) {
        this.#o.context.move(last, slot);
        this.#slots[slot] = this.#slots[last] ?? null;
        this.#slots[last] = null;
      }
    }
  }

  #step(): boolean {
    const running = this.#slots.filter((sequence) => sequence !== null);
    if (running.length === 0) {
      return false;
    }
    this.#begin();
    running.forEach((sequence, slot) => {
      this.#o.context.push(sequence.tokens.at(-1) ?? 0, sequence.position, slot, true);
      this.#hook.add(sequence.use(sequence.position));
    });
    try {
      this.#decode({ nextSlot: running.length, rows: running.length, position: running[0]?.position ?? 0 });
    } catch (error) {
      this.#fail(
        running.map((sequence) => sequence.key),
        error,
      );
      running.forEach((_, slot) => {
        this.#release(slot);
      });
      return true;
    }
    running.forEach((sequence, slot) => {
      this.#sample(slot, sequence, this.#o.context.logits(slot));
    });
    return true;
  }

  #begin(): void {
    this.#o.context.begin();
    this.#hook.begin();
  }

  /** `nextSlot` is free, or the scratch slot: a lone row gets its companion there. `position` is that of the first row. */
  #decode({ nextSlot, rows, position }: { nextSlot: number; rows: number; position: number }): void {
    const { context } = this.#o;
    if (rows === 1 && context.needsCompanion(position)) {
      if (nextSlot === context.scratchSlot) {
        this.#scratch.forget();
      }
      context.clear(nextSlot);
      context.push(0, 0, nextSlot, false);
      this.#hook.add(null);
    }
    const layers = this.#hook.layers();
    context.decode({ layers, onRows: (layer, values) => this.#hook.handle(layer, values) });
  }

  /** `logits` are used up. */
  #sample(slot: number, sequence: Sequence, logits: Float32Array): void {
    const { sampler, model, send } = this.#o;
    try {
      const token = sampler.sample({
        logits,
        sampling: sequence.request.sampling,
        seen: sequence.seen,
        index: sequence.tokens.length,
        grammar: sequence.grammar,
      });
      const isEnd = model.isEnd(token);
      const reason = sequence.accept({ token, isEnd, piece: model.piece(token) });
      if (sequence.stream && !isEnd) {
        send({ type: "token", key: sequence.key, token, text: sequence.text });
      }
      if (reason === null) {
        return;
      }
      const value = sequence.finish(reason);
      send({ type: "result", key: sequence.key, result: { kind: "generate", value } });
    } catch (error) {
      this.#fail([sequence.key], error);
    }
    this.#release(slot);
  }

  #release(slot: number): void {
    this.#o.context.clear(slot);
    this.#slots[slot]?.close();
    this.#slots[slot] = null;
  }

  #runScratch(job: ScratchJob): void {
    try {
      this.#o.send({ type: "result", key: job.key, result: this.#scratch.run(job) });
    } catch (error) {
      this.#fail([job.key], error);
    }
  }

  #fail(keys: number[], error: unknown): void {
    const record = toErrorRecord(asCoded(error));
    for (const key of keys) {
      this.#o.send({ type: "failed", key, error: record });
    }
  }
}

/** The different prompts of a group, each with the sequences that have it. Those to be computed get the first slots, since a batch must be dense. */
function sharedPrompts(group: readonly Admitted[]): { first: Admitted; others: Admitted[] }[] {
  const firsts = new Map<string, Sequence>();
  const others: Sequence[] = [];
  for (const { sequence } of group) {
    if (firsts.has(sequence.promptKey)) others.push(sequence);
    else firsts.set(sequence.promptKey, sequence);
  }
  const seated = [...firsts.values(), ...others].map((sequence, i) => ({
    slot: group[i]?.slot ?? 0,
    sequence,
  }));
  const copies = seated.slice(firsts.size);
  return seated.slice(0, firsts.size).map((first) => ({
    first,
    others: copies.filter(({ sequence }) => sequence.promptKey === first.sequence.promptKey),
  }));
}

/** Cuts `length` rows into chunks of at most `max`, none of a single row where that can be helped. */
export function chunks(length: number, max: number): [number, number][] {
  const parts: [number, number][] = [];
  let start = 0;
  while (start < length) {
    let end = Math.min(length, start + max);
    if (length - end === 1 && end - start > 2) {
      end--;
    }
    parts.push([start, end]);
    start = end;
  }
  return parts;
}

function asCoded(error: unknown): CountersteerError {
  return error instanceof CountersteerError
    ? error
    : new CountersteerError("ENGINE_CRASHED", {
        what: `The engine failed: ${messageOf(error)}.`,
        why: "This error was not foreseen.",
        todo: "Report it with the model's name and the command.",
        cause: error,
      });
}
