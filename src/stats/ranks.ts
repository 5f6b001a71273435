/** Ranks from 1, ties share their mean rank; `ties` holds the sizes of groups of equal values, each at least 2. */
export function midRanks(values: readonly number[]): { ranks: number[]; ties: number[] } {
  const order = values.map((value, index) => ({ value, index })).sort((x, y) => x.value - y.value);
  const ranks = new Array<number>(values.length).fill(0);
  const ties: number[] = [];
  let start = 0;
  while (start < order.length) {
    let end = start + 1;
    while (end < order.length && order[end]?.value === order[start]?.value) {
      end += 1;
    }
    for (const { index } of order.slice(start, end)) {
      ranks[index] = (start + 1 + end) / 2;
    }
    if (end - start > 1) {
      ties.push(end - start);
    }
    start = end;
  }
  return { ranks, ties };
}
