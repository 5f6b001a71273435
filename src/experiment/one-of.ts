/** The single result of a call with one request. */
export async function oneOf<T>(results: AsyncIterable<T>): Promise<T> {
  for await (const result of results) {
    return result;
  }
  throw new Error("a call with one request gave no result");
}
