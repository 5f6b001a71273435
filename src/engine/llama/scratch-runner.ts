/**
 * Scoring and capture: one sequence at a time in the scratch slot, many rows a decode.
 * The unsteered prefix that two scoring jobs in a row share is not computed again.
 */
import type { Capture, CaptureRequest, ScoreRequest, TokenScores } from "../engine.ts";
import type { BatcherOptions } from "./batcher.ts";
import { chunks, planOf } from "./batcher.ts";
import type { EditPlan } from "./edit-plan.ts";
import { MAX_ROWS } from "./native-context.ts";
import type { Job, JobResult } from "./protocol.ts";
import type { RowHook, Sink } from "./row-hook.ts";
import { logProbability } from "./sampler.ts";
import { checkedReceipt, concatenate, selectsPosition } from "./sequence.ts";

export class ScratchRunner {
  readonly #o: BatcherOptions & { hook: RowHook };
  /** Tokens whose unsteered keys and values lie in the scratch slot. */
  #cached: Int32Array = new Int32Array(0);

  constructor(options: BatcherOptions & { hook: RowHook }) {
    this.#o = options;
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
    const start = plan === null ? Math.min(this.#shared(fed), from - 1) : 0;
    this.#reset(start);
    for (const [first, end] of chunks(fed.length - start, Math.min(MAX_ROWS, context.maxOutputs))) {
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
    this.#cached = plan === null ? fed.slice() : new Int32Array(0);
    return { id, logProbs, receipt: checkedReceipt(id, plan) };
  }

  #capture({ id, tokens, layer, intervention, what }: CaptureRequest): Capture {
    const { context, reader } = this.#o;
    const plan = planOf(intervention, reader);
    const parts: Float32Array[] = [];
    const sink: Sink = {
      layer,
      reader: what.kind === "latents" ? reader(what.sae) : null,
      latents: what.kind === "latents" ? what.latents : [],
      push: (values) => {
        parts.push(values);
      },
    };
    this.#reset(0);
    // later blocks are skipped, so nothing of this sequence can be continued
    this.#cached = new Int32Array(0);
    const stopAfter = Math.max(layer, plan?.layer ?? layer);
    for (const [start, end] of chunks(tokens.length, Math.min(MAX_ROWS, context.maxOutputs))) {
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

  /** Length of the prefix that the cached sequence shares with `tokens`; at least one token is left to feed. */
  #shared(tokens: Int32Array): number {
    const max = Math.min(this.#cached.length, tokens.length - 1);
    let length = 0;
    while (length < max && this.#cached[length] === tokens[length]) {
      length++;
    }
    return length;
  }

  #reset(keep: number): void {
    this.#o.context.truncate(this.#o.context.scratchSlot, keep);
  }

  #feed({ tokens, start, end, plan, sink, logitsFrom, stopAfter }: FeedOptions): void {
    const { context, hook, padLone } = this.#o;
    context.begin();
    hook.begin();
    for (let position = start; position < end; position++) {
      context.push(tokens[position] ?? 0, position, context.scratchSlot, position >= logitsFrom);
      const edited =
        plan !== null &&
        selectsPosition({ positions: plan.positions, position, promptTokens: tokens.length });
      hook.add({ plan, edited, isPrompt: true, sink });
    }
    if (end - start === 1 && padLone) {
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
  plan: EditPlan | null;
  sink: Sink | null;
  /** First position whose logits are wanted. */
  logitsFrom: number;
  stopAfter?: number;
}
