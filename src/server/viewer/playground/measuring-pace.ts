/** When a growing answer is measured: every so many tokens, never twice at a time, and ever more rarely, since each measurement reads all of it again. */

const EVERY = 12;
/** Of the tokens that were measured before; so the work of all measurements together grows with the answer and not with its square. */
const LEAST_GROWTH = 0.25;

export interface MeasuringPaceOptions {
  /** Measures the answer so far. What it throws is left to the last measurement, which is not made here. */
  measure: (tokens: number, signal: AbortSignal) => Promise<void>;
}

export class MeasuringPace {
  readonly #measure: MeasuringPaceOptions["measure"];
  readonly #end = new AbortController();
  #next = EVERY;
  #running: Promise<void> | null = null;

  constructor({ measure }: MeasuringPaceOptions) {
    this.#measure = measure;
  }

  /** Called with the number of tokens so far; returns at once. */
  grown(tokens: number): void {
    if (tokens < this.#next || this.#running !== null || this.#end.signal.aborted) return;
    this.#next = tokens + Math.max(EVERY, Math.ceil(LEAST_GROWTH * tokens));
    this.#running = this.#measure(tokens, this.#end.signal)
      .catch(() => undefined)
      .finally(() => {
        this.#running = null;
      });
  }

  /** No measurement begins after this, and the one that runs is given up. */
  async stop(): Promise<void> {
    this.#end.abort();
    await this.#running;
  }
}
