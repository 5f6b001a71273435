/** Benjamini and Hochberg's step-up adjustment: controls the false discovery rate (1995). Order of input is kept. */
export function benjaminiHochberg({ p }: { p: readonly number[] }): number[] {
  const order = p.map((value, index) => ({ value, index })).sort((x, y) => y.value - x.value);
  const adjusted = new Array<number>(p.length).fill(1);
  let running = 1;
  order.forEach(({ value, index }, rank) => {
    running = Math.min(running, (value * p.length) / (p.length - rank));
    adjusted[index] = running;
  });
  return adjusted;
}
