/** Something costly that is opened by its first use, shared by all uses at one time, and closed once nobody has used it for a while. */

export interface KeptOpenOptions<T extends { close: () => Promise<void> }> {
  open: () => Promise<T>;
  /** Milliseconds without a use. */
  idleMs: number;
  /** True for an error after which it is of no more use: the next use opens it anew. */
  isBroken: (error: unknown) => boolean;
}

export class KeptOpen<T extends { close: () => Promise<void> }> {
  readonly #o: KeptOpenOptions<T>;
  #opened: Promise<T> | null = null;
  #uses = 0;
  #timer: NodeJS.Timeout | undefined;
  #closing: Promise<void> = Promise.resolve();

  constructor(options: KeptOpenOptions<T>) {
    this.#o = options;
  }

  get isOpen(): boolean {
    return this.#opened !== null;
  }

  /** Throws what opening and `work` throw. An opening that failed is tried again by the next use. */
  async use<R>(work: (opened: T) => Promise<R>): Promise<R> {
    clearTimeout(this.#timer);
    this.#uses++;
    const opening = this.#opened ?? this.#closing.then(this.#o.open);
    this.#opened = opening;
    let opened = false;
    try {
      const resource = await opening;
      opened = true;
      return await work(resource);
    } catch (error) {
      if (this.#opened === opening && (!opened || this.#o.isBroken(error))) await this.close();
      throw error;
    } finally {
      this.#uses--;
      if (this.#uses === 0) this.#timer = setTimeout(() => void this.close(), this.#o.idleMs).unref();
    }
  }

  /** Closes what is open, whoever uses it. A later use opens it again. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    const opened = this.#opened;
    this.#opened = null;
    if (opened !== null) {
      this.#closing = opened.then(
        (resource) => resource.close(),
        () => undefined,
      );
    }
    await this.#closing;
  }
}
