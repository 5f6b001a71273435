/** Ends of axes. */

const STEPS = [1, 2, 2.5, 5, 10];

/** The least round number (1, 2, 2.5 or 5 times a power of ten) that reaches every value; 1 where none is above 0. */
export function roundMax(values: readonly (number | null)[]): number {
  const most = Math.max(0, ...values.filter((value) => value !== null && Number.isFinite(value)).map(Number));
  if (most === 0) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  const step = STEPS.find((each) => most <= each * power * (1 + 1e-9)) ?? 10;
  return step * power;
}

/** `value` between the ends, as a share of the way; never outside. */
export function placeOn(value: number, from: number, to: number): number {
  return to === from ? 0 : Math.min(1, Math.max(0, (value - from) / (to - from)));
}
