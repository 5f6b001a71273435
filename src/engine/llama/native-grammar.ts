/**
 * llama.cpp's grammar sampler: the state of one response within its grammar. The library aborts the process on a token that its grammar
 * refuses, so `accept` is only ever given one that `allows` allowed.
 *
 * Tokens without text are refused besides: the library matches a control token by its name (`<|im_start|>`), which would then be missing in
 * the response.
 */
import koffi from "koffi";
import { CountersteerError } from "../../errors.ts";
import { native, type Pointer, tokenDataType } from "./bindings.ts";
import type { TokenGrammar } from "./token-grammar.ts";

/** Words of one candidate: token, logit, probability. */
const WORDS = 3;

/** What a grammar has to know of its model's tokens. */
export interface TokenFacts {
  vocabulary: number;
  isEnd(token: number): boolean;
  piece(token: number): Uint8Array;
}

/** Native memory for candidates, shared by all grammars of a model: a call fills it, asks, and reads it. */
export class CandidateBuffer {
  /** The tokens that a grammar may ever allow, ascending: those with text, and the ends. */
  readonly usable: Int32Array;
  readonly #isUsable: Uint8Array;
  readonly #pointer: Pointer;
  readonly #tokens: Int32Array;
  readonly #logits: Float32Array;

  constructor(model: TokenFacts) {
    const { vocabulary } = model;
    this.#isUsable = Uint8Array.from({ length: vocabulary }, (_, token) => {
      const piece = model.piece(token);
      // the library reads a token up to its first NUL
      return model.isEnd(token) || (piece.length > 0 && !piece.includes(0)) ? 1 : 0;
    });
    this.usable = Int32Array.from(Array(vocabulary).keys()).filter((token) => this.isUsable(token));
    this.#pointer = koffi.alloc(tokenDataType, vocabulary);
    const memory = koffi.view(this.#pointer, vocabulary * WORDS * 4);
    this.#tokens = new Int32Array(memory);
    this.#logits = new Float32Array(memory);
  }

  isUsable(token: number): boolean {
    return this.#isUsable[token] === 1;
  }

  /** Those of the tokens that a sampler leaves in, in the order given. All must be usable. */
  kept(sampler: Pointer, tokens: Int32Array): Int32Array {
    tokens.forEach((token, at) => {
      this.#tokens[at * WORDS] = token;
      this.#logits[at * WORDS + 1] = 0;
    });
    native().applySampler(sampler, {
      data: this.#pointer,
      size: tokens.length,
      selected: -1,
      sorted: false,
    });
    return tokens.filter((_, at) => this.#logits[at * WORDS + 1] === 0);
  }
}

export class NativeGrammar implements TokenGrammar {
  readonly #sampler: Pointer;
  readonly #candidates: CandidateBuffer;
  #open = true;

  /** Throws REQUEST_INVALID where the library can't read the grammar. */
  constructor({
    text,
    vocab,
    candidates,
  }: {
    text: string;
    vocab: Pointer;
    candidates: CandidateBuffer;
  }) {
    // an empty text would give a sampler that allows everything
    const sampler: Pointer | null = text === "" ? null : native().newGrammar(vocab, text, "root");
    if (sampler === null) {
      throw new CountersteerError("REQUEST_INVALID", {
        what: "llama.cpp can't read the grammar.",
        why: "It is empty, or its repetitions multiply to more rules than the library allows.",
        todo: "Correct the GBNF grammar, or use smaller repetitions.",
        facts: { grammar: text.slice(0, 400) },
      });
    }
    this.#sampler = sampler;
    this.#candidates = candidates;
  }

  allows(token: number): boolean {
    return this.allowed(Int32Array.of(token)).length === 1;
  }

  allowed(tokens: Int32Array): Int32Array {
    return this.#candidates.kept(
      this.#sampler,
      tokens.filter((token) => this.#candidates.isUsable(token)),
    );
  }

  mask(logits: Float32Array): void {
    const kept = this.#candidates.kept(this.#sampler, this.#candidates.usable);
    let at = 0;
    for (let token = 0; token < logits.length; token++) {
      if (token === kept[at]) {
        at++;
      } else {
        logits[token] = Number.NEGATIVE_INFINITY;
      }
    }
    if (kept.length === 0) {
      throw new CountersteerError("REQUEST_INVALID", {
        what: "No token of the model's vocabulary can follow within the grammar.",
        why: "The response so far is a beginning that the grammar allows and that the vocabulary can't go on with.",
        todo: "Allow more characters in the grammar.",
      });
    }
  }

  accept(token: number): void {
    native().acceptToken(this.#sampler, token);
  }

  close(): void {
    if (this.#open) {
      this.#open = false;
      native().freeSampler(this.#sampler);
    }
  }
}
