/** Runs tasks with at most `limit` at a time; the first error stops the start of further ones and is thrown after the running ones ended. */
export async function concurrently<T>({
  items,
  limit,
  task,
}: {
  items: Iterable<T>;
  limit: number;
  task: (item: T) => Promise<void>;
}): Promise<void> {
  const queue = [...items];
  let failure: { error: unknown } | null = null;
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined && failure === null; item = queue.shift()) {
      try {
        await task(item);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(limit, queue.length)) }, worker));
  // the assignment happens inside `worker`, which control flow analysis does not follow
  const thrown = failure as { error: unknown } | null;
  if (thrown !== null) {
    throw thrown.error;
  }
}
