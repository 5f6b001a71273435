/** Results of many tasks in the order in which they finish; the first failure ends all. */

export interface AsTheyFinishOptions<I, O> {
  items: readonly I[];
  /** Tasks under way at once. */
  limit: number;
  task: (item: I, signal: AbortSignal) => Promise<O>;
  signal?: AbortSignal | undefined;
}

/** Tasks that are still under way when the caller stops, or when one fails, are aborted by their signal and awaited. */
export async function* asTheyFinish<I, O>(options: AsTheyFinishOptions<I, O>): AsyncGenerator<O> {
  const { items, limit, task, signal } = options;
  const stop = new AbortController();
  const both = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const running = new Map<number, Promise<{ index: number; result: O }>>();
  let next = 0;
  try {
    while (next < items.length || running.size > 0) {
      for (; next < items.length && running.size < limit; next++) {
        const index = next;
        // in bounds by the loop's condition
        const item = items[index] as I;
        running.set(
          index,
          task(item, both).then((result) => ({ index, result })),
        );
      }
      const { index, result } = await Promise.race(running.values());
      running.delete(index);
      yield result;
    }
  } finally {
    stop.abort();
    await Promise.allSettled(running.values());
  }
}
