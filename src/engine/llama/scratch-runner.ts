/**
 * Scoring and capture: one sequence at a time in the scratch slot, many rows a decode.
 * The unsteered prefix that two scoring jobs in a row share is not computed again, where that can't be seen in the bits.
 */
import type { Capture, CaptureRequest, ScoreRequest, TokenScores } from "../engine.ts";
import type { BatcherOptions } from "./batcher.ts";
import { chunks } from "./batcher.ts";
import { TILE_ROWS } from "./native-context.ts";
import { planOf } from "./plan-of.ts";
import type { Job, JobResult } from "./protocol.ts";
import type { RowHook, Sink } from "./row-hook.ts";
import type { RowPlan } from "./row-plan.ts";
import { logProbability } from "./sampler.ts";
import { checkedReceipt, concatenate, selectsPosition } from "./sequence.ts";

export class ScratchRunner {
  readonly #o: BatcherOptions & { hook: RowHook };
  /** Tokens whose unsteered keys and values lie in the scratch slot. */
  #cached: Int32Array = new Int32Array(0);

  constructor(options: BatcherOptions & { hook: RowHook }) {
    this.#o = options;
  }

  /** Tells that the scratch slot was used for something else. */
  forget(): void {
    this.#cached = new Int32Array(0);
  }

  run(job: Exclude<Job, { kind: "generate" }>): JobResult {
    return job.kind === "score"
      ? { kind: "score", value: this.#score(job.request) }
      : { kind: "capture", value: this.#capture(job.request) };
  }

  #score({ id, tokens, from, intervention }: ScoreRequest): TokenScores {
    const { context, reader } = this.#o;
    const plan = planOf(intervention, reader);
    const logProbs = new Float32Array(tokens.length - from);
    // the last token is predicted, never fed
    const fed = tokens.subarray(0, tokens.length - 1);
    const start = plan === null ? Math.min(this.#reusable(fed), from - 1) : 0;
    this.#reset(start);
    for (const [first, end] of chunks(fed.length - start, context.chunkRows)) {
      this.#feed({
        tokens: fed,
        start: start + first,
        end: start + end,
        plan,
        sink: null,
        logitsFrom: from - 1,
      });
      for (let position = Math.max(start + first, from - 1); position < start + end; position++) {
        const logits = context.logits(position - start - first);
        logProbs[position + 1 - from] = logProbability(logits, tokens[position + 1] ?? 0);
      }
    }
    if (plan === null) {
      this.#cached = fed.slice();
    }
    return { id, logProbs, receipt: checkedReceipt(id, plan) };
  }

  #capture({ id, tokens, layer, intervention, what }: CaptureRequest): Capture {
    const { context, reader } = this.#o;
    const plan = planOf(intervention, reader);
    const parts: Float32Array[] = [];
    const from = what.kind === "latents" ? reader(what.sae) : null;
    from?.prepare(what.kind === "latents" ? what.latents : []);
    const sink: Sink = {
      layer,
      reader: from,
      latents: what.kind === "latents" ? what.latents : [],
      push: (values) => {
        parts.push(values);
      },
    };
    // later blocks are skipped, so nothing of this sequence can be continued
    this.#reset(0);
    const stopAfter = Math.max(layer, plan?.layer ?? layer);
    for (const [start, end] of chunks(tokens.length, context.chunkRows)) {
      this.#feed({ tokens, start, end, plan, sink, logitsFrom: tokens.length, stopAfter });
    }
    const values = concatenate(parts);
    return {
      id,
      rows: tokens.length,
      columns: values.length / tokens.length,
      values,
      receipt: checkedReceipt(id, plan),
    };
  }

  /** Length of the cached prefix that `tokens` can go on from; enough is left to feed for the same routine of attention. */
  #reusable(tokens: Int32Array): number {
    const routine = this.#routineOf(tokens.length);
    if (routine === null || routine !== this.#routineOf(this.#cached.length)) {
      return 0;
    }
    const left = routine === "tiles" ? TILE_ROWS : 1;
    const max = Math.min(this.#cached.length, tokens.length - left);
    let length = 0;
    while (length < max && this.#cached[length] === tokens[length]) {
      length++;
    }
    return length;
  }

  /** The one routine that attention takes for every row of so long a sequence, or null where it takes both. */
  #routineOf(length: number): "rows" | "tiles" | null {
    if (length < TILE_ROWS) {
      return "rows";
    }
    return length <= this.#o.context.chunkRows ? "tiles" : null;
  }

  #reset(keep: number): void {
    this.forget();
    this.#o.context.truncate(this.#o.context.scratchSlot, keep);
  }

  #feed({ tokens, start, end, plan, sink, logitsFrom, stopAfter }: FeedOptions): void {
    const { context, hook } = this.#o;
    context.begin();
    hook.begin();
    for (let position = start; position < end; position++) {
      context.push(tokens[position] ?? 0, position, context.scratchSlot, position >= logitsFrom);
      const edited =
        plan !== null &&
        selectsPosition({ positions: plan.positions, position, promptTokens: tokens.length });
      hook.add({ plan, edited, isPrompt: true, sink });
    }
    if (end - start === 1 && context.needsCompanion(start)) {
      context.clear(context.scratchSlot + 1);
      context.push(0, 0, context.scratchSlot + 1, false);
      hook.add(null);
    }
    context.decode({
      layers: hook.layers(),
      onRows: (layer, rows) => hook.handle(layer, rows),
      ...(stopAfter === undefined ? {} : { stopAfter }),
    });
  }
}

interface FeedOptions {
  tokens: Int32Array;
  start: number;
  end: number;
  plan: RowPlan | null;
  sink: Sink | null;
  /** First position whose logits are wanted. */
  logitsFrom: number;
  stopAfter?: number;
}
