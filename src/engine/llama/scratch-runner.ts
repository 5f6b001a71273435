/**
 * Scoring, capture and divergence: one sequence at a time in the scratch slot, many rows a decode.
 * The unsteered prefix that two scoring jobs in a row share is not computed again, where that can't be seen in the bits.
 */
import type {
  Capture,
  CaptureRequest,
  DivergenceRequest,
  Divergences,
  ScoreRequest,
  TokenScores,
} from "../engine.ts";
import type { BatcherOptions } from "./batcher.ts";
import { chunks } from "./batcher.ts";
import { TILE_ROWS } from "./native-context.ts";
import { planOf } from "./plan-of.ts";
import type { Job, JobResult } from "./protocol.ts";
import { rowDivergence } from "./row-divergence.ts";
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
    switch (job.kind) {
      case "score":
        return { kind: "score", value: this.#score(job.request) };
      case "divergence":
        return { kind: "divergence", value: this.#divergence(job.request) };
      default:
        return { kind: "capture", value: this.#capture(job.request) };
    }
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

  /**
   * The unsteered sequence lies in the scratch slot and the steered one in its companion's, and they advance by turns, so that no more than
   * one chunk of unsteered logits is held.
   */
  #divergence({ id, tokens, from, intervention }: DivergenceRequest): Divergences {
    const { context, reader, model } = this.#o;
    const plan = planOf(intervention, reader);
    const size = model.vocabulary;
    const kl = new Float32Array(tokens.length - from);
    const reverse = new Float32Array(tokens.length - from);
    const fed = tokens.subarray(0, tokens.length - 1);
    // a lone row needs the companion's slot, and only the one row of a whole sequence is alone: it has no past to be kept
    const steeredSlot = context.scratchSlot + (fed.length === 1 ? 0 : 1);
    this.#reset(0);
    context.clear(steeredSlot);
    const kept = new Float32Array(Math.min(context.chunkRows, fed.length - from + 1) * size);
    for (const [start, end] of chunks(fed.length, context.chunkRows)) {
      const common = { tokens: fed, start, end, sink: null, logitsFrom: from - 1 };
      const first = Math.max(start, from - 1);
      this.#feed({ ...common, plan: null });
      for (let position = first; position < end; position++) {
        kept.set(context.logits(position - start), (position - first) * size);
      }
      if (steeredSlot === context.scratchSlot) {
        context.clear(steeredSlot);
      }
      this.#feed({ ...common, plan, slot: steeredSlot });
      for (let position = first; position < end; position++) {
        const unsteered = kept.subarray((position - first) * size, (position - first + 1) * size);
        const found = rowDivergence({ steered: context.logits(position - start), unsteered });
        kl[position + 1 - from] = found.kl;
        reverse[position + 1 - from] = found.reverse;
      }
    }
    return { id, kl, reverse, receipt: checkedReceipt(id, plan) };
  }

  #capture(request: CaptureRequest): Capture {
    const { id, tokens, layer, intervention, what, promptTokens = tokens.length } = request;
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
    const prompt = chunks(promptTokens, context.chunkRows);
    // a generation adds row by row, which is never the routine of tiles
    const generated = chunks(tokens.length - promptTokens, TILE_ROWS - 1).map(
      ([start, end]): [number, number] => [promptTokens + start, promptTokens + end],
    );
    for (const [start, end] of [...prompt, ...generated]) {
      this.#feed({ tokens, start, end, plan, sink, logitsFrom: tokens.length, stopAfter, promptTokens });
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

  #feed({ tokens, start, end, plan, sink, logitsFrom, stopAfter, ...given }: FeedOptions): void {
    const { context, hook } = this.#o;
    const { slot = context.scratchSlot, promptTokens = tokens.length } = given;
    context.begin();
    hook.begin();
    for (let position = start; position < end; position++) {
      context.push(tokens[position] ?? 0, position, slot, position >= logitsFrom);
      const edited = plan !== null && selectsPosition({ positions: plan.positions, position, promptTokens });
      hook.add({ plan, edited, isPrompt: position < promptTokens, sink });
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
  /** @default the scratch slot */
  slot?: number;
  /** @default all */
  promptTokens?: number;
}
