/** Holm's step-down adjustment: controls the chance of any false positive in a family (Holm 1979). Order of input is kept. */
export function holm({ p }: { p: readonly number[] }): number[] {
  const order = p.map((value, index) => ({ value, index })).sort((x, y) => x.value - y.value);
  const adjusted = new Array<number>(p.length).fill(1);
  let running = 0;
  order.forEach(({ value, index }, rank) => {
    running = Math.max(running, Math.min(1, value * (p.length - rank)));
    adjusted[index] = running;
  });
  return adjusted;
}
