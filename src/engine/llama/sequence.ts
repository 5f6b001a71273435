/** One generation while it runs: its tokens, text, edits and recordings. */
import { CountersteerError } from "../../errors.ts";
import type { FinishReason, Generation, GenerationRequest, Positions } from "../engine.ts";
import type { LatentReader } from "./latent-reader.ts";
import { promptKey } from "./prompt-key.ts";
import type { RowUse, Sink } from "./row-hook.ts";
import type { RowPlan } from "./row-plan.ts";
import type { TokenGrammar } from "./token-grammar.ts";
import { TokenText } from "./token-text.ts";

export interface SequenceOptions {
  key: number;
  request: GenerationRequest;
  plan: RowPlan | null;
  recordReader: LatentReader | null;
  stream: boolean;
  /** Closed with the sequence. */
  grammar: TokenGrammar | null;
}

export class Sequence {
  readonly key: number;
  readonly request: GenerationRequest;
  readonly stream: boolean;
  readonly plan: RowPlan | null;
  readonly grammar: TokenGrammar | null;
  readonly seen: Set<number>;
  /** Equal for sequences whose prompts are the same rows, edited alike and read alike. */
  readonly promptKey: string;
  readonly tokens: number[] = [];
  readonly #text = new TokenText();
  readonly #sink: Sink | null;
  readonly #recorded: Float32Array[] = [];
  /** False once an `until-phrase` policy met its phrase. */
  #editing = true;

  constructor({ key, request, plan, recordReader, stream, grammar }: SequenceOptions) {
    this.key = key;
    this.request = request;
    this.stream = stream;
    this.plan = plan;
    this.grammar = grammar;
    this.seen = new Set(request.tokens);
    this.promptKey = promptKey(request);
    const { record } = request;
    this.#sink = record
      ? {
          layer: record.layer,
          reader: recordReader,
          latents: record.latents,
          push: (values) => {
            this.#recorded.push(values);
          },
        }
      : null;
  }

  /** Position of the next row to be fed. */
  get position(): number {
    return this.request.tokens.length + this.tokens.length - 1;
  }

  get text(): string {
    return this.#text.text;
  }

  /** Takes the rows of an equal prompt for its own, before anything is sampled: what was counted at them and read from them. */
  adoptPrompt(other: Sequence): void {
    if (this.plan !== null && other.plan !== null) this.plan.adopt(other.plan);
    this.#recorded.push(...other.#recorded);
  }

  /** What the hook does to the row at a position of prompt and response. */
  use(position: number): RowUse {
    const isPrompt = position < this.request.tokens.length;
    const edited =
      this.plan !== null &&
      this.#editing &&
      selectsPosition({ positions: this.plan.positions, position, promptTokens: this.request.tokens.length });
    return { plan: this.plan, edited, isPrompt, sink: this.#sink };
  }

  /** Takes a sampled token; returns why the generation ends, or null to go on. */
  accept({ token, isEnd, piece }: { token: number; isEnd: boolean; piece: Uint8Array }): FinishReason | null {
    if (isEnd) {
      this.#text.finish();
      return "stop";
    }
    this.grammar?.accept(token);
    this.tokens.push(token);
    this.seen.add(token);
    this.#text.push(piece);
    const { stop, maxTokens } = this.request.sampling;
    if (stop.some((each) => this.text.includes(each))) {
      return "stop-string";
    }
    if (this.plan?.positions.kind === "until-phrase" && this.#editing) {
      const lower = this.text.toLowerCase();
      this.#editing = !this.plan.positions.phrases.some((phrase) => lower.includes(phrase.toLowerCase()));
    }
    if (this.tokens.length >= maxTokens) {
      this.#text.finish();
      return "length";
    }
    return null;
  }

  /** Frees what the sequence holds outside of JavaScript's memory. */
  close(): void {
    this.grammar?.close();
  }

  /** The finished generation. Throws EDIT_NOT_APPLIED where an intervention touched no row. */
  finish(reason: FinishReason): Generation {
    const receipt = checkedReceipt(this.request.id, this.plan);
    const cut =
      reason === "stop-string" ? firstStop(this.text, this.request.sampling.stop) : this.text.length;
    const kept = this.#text.offsets.filter(
      (offset) => offset < cut || (cut === this.text.length && offset <= cut),
    ).length;
    return {
      id: this.request.id,
      tokens: Int32Array.from(this.tokens.slice(0, kept)),
      text: this.text.slice(0, cut),
      offsets: Int32Array.from(this.#text.offsets.slice(0, kept)),
      promptTokens: this.request.tokens.length,
      finish: reason,
      receipt,
      // rows of tokens that a stop string cut off go with them
      recorded:
        this.#sink === null ? null : concatenate(this.#recorded.slice(0, this.request.tokens.length + kept)),
    };
  }
}

function firstStop(text: string, stop: string[]): number {
  return Math.min(...stop.map((each) => text.indexOf(each)).filter((at) => at >= 0));
}

/** Whether a policy selects a position; `until-phrase` selects all until its owner turns the edit off. */
export function selectsPosition({
  positions,
  position,
  promptTokens,
}: {
  positions: Positions;
  position: number;
  promptTokens: number;
}): boolean {
  switch (positions.kind) {
    case "all":
    case "until-phrase":
      return true;
    case "prompt":
      return position < promptTokens;
    case "generated":
      return position >= promptTokens;
    case "range":
      return position >= positions.start && position < positions.end;
    default:
      positions satisfies never;
      return false;
  }
}

/** The receipt of a plan; zero edited rows is an error, for a steered trial without an edit would be a silent no-op. */
export function checkedReceipt(id: string, plan: RowPlan | null) {
  const receipt = plan?.receipt() ?? null;
  if (receipt !== null && receipt.rowsEdited === 0) {
    throw new CountersteerError("EDIT_NOT_APPLIED", {
      what: `The intervention of request ${id} touched no row.`,
      why: "Its position policy selected none of the tokens that were fed.",
      todo: "Use another position policy, or allow more tokens.",
      facts: { id, layer: receipt.layer },
    });
  }
  return receipt;
}

export function concatenate(parts: Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
