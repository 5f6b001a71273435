/** Turns the bytes of sampled tokens into text as they come, and keeps where in the text each token begins. */
export class TokenText {
  /** UTF-16 offset at which each token begins; a token that continues a character begins where that character begins. */
  readonly offsets: number[] = [];
  text = "";
  readonly #decoder = new TextDecoder("utf-8");
  #pending = false;

  /** Adds a token's bytes and returns the text that became complete. */
  push(bytes: Uint8Array): string {
    this.offsets.push(this.text.length);
    const added = this.#decoder.decode(bytes, { stream: true });
    this.#pending = bytes.length > 0 && added.length === 0;
    this.text += added;
    return added;
  }

  /** Ends the text; an unfinished character becomes the replacement character. */
  finish(): string {
    const added = this.#decoder.decode();
    this.text += added;
    this.#pending = false;
    return added;
  }

  /** True while the last token left a character unfinished. */
  get pending(): boolean {
    return this.#pending;
  }
}

/** The text of tokens, given each token's bytes. */
export function textOf(pieces: Iterable<Uint8Array>): string {
  const text = new TokenText();
  for (const piece of pieces) {
    text.push(piece);
  }
  text.finish();
  return text.text;
}
