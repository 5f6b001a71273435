/** An async iterable fed from callbacks: results in the order in which they come, then the end or one error. */
export class ResultChannel<T> implements AsyncIterable<T> {
  readonly #results: T[] = [];
  #wake: (() => void) | null = null;
  #left: number;
  #error: unknown = null;
  #failed = false;

  /** `expected` results end the iteration. */
  constructor(expected: number) {
    this.#left = expected;
  }

  push(result: T): void {
    this.#results.push(result);
    this.#wake?.();
  }

  fail(error: unknown): void {
    if (!this.#failed) {
      this.#failed = true;
      this.#error = error;
      this.#wake?.();
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    while (this.#left > 0) {
      const next = this.#results.shift();
      if (next !== undefined) {
        this.#left--;
        yield next;
      } else if (this.#failed) {
        throw this.#error;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = null;
      }
    }
  }
}
