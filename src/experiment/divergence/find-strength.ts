/** The strength at which a measured mean divergence meets a budget: a bracket that closes in, by interpolation where that is safe. */
import { CountersteerError } from "../../errors.ts";

export interface Measured {
  strength: number;
  kl: number;
}

export interface FindStrengthOptions<P extends Measured> {
  /** The budget, in nats per token; above 0. */
  nats: number;
  /** Measured before, in any order; they narrow the bracket. */
  known: readonly P[];
  /** Where to begin where nothing is known; above 0. */
  start: number;
  measure: (strength: number) => Promise<P>;
  /** Allowed distance from `nats`, as a share of it. */
  tolerance: number;
}

/** Most doublings until a strength reaches the budget. */
const MAX_STEPS = 24;
/** Within a bracket; one that is still open then holds a jump. */
const MAX_HALVINGS = 40;
/** A guess keeps so far from both ends of the bracket, as a share of it, so that every step closes the bracket. */
const MARGIN = 0.05;

export interface FoundStrength<P extends Measured> {
  /** The nearest to the budget; within the tolerance unless the divergence jumps there. */
  point: P;
  /** What was measured on the way, `point` among it unless it was known. */
  measured: P[];
}

/**
 * The divergence is taken to be 0 at strength 0 and need not grow everywhere: what is found is a crossing next to the first known point that
 * reaches the budget. Throws CONFIG_INVALID where no strength reaches it.
 */
export async function findStrength<P extends Measured>(
  options: FindStrengthOptions<P>,
): Promise<FoundStrength<P>> {
  const { nats, known, start, tolerance } = options;
  const measured: P[] = [];
  const ask = async (strength: number) => {
    const point = await options.measure(strength);
    measured.push(point);
    return point;
  };
  const ascending = [...known].sort((a, b) => a.strength - b.strength);
  let high = ascending.find(({ kl }) => kl >= nats);
  let low: Measured = { strength: 0, kl: 0 };
  for (const point of ascending) {
    if (high === undefined || point.strength < high.strength) low = point;
  }
  while (high === undefined) {
    if (measured.length >= MAX_STEPS) throw unreachable({ nats, strength: low.strength, kl: low.kl });
    const point = await ask(low.strength === 0 ? start : 2 * low.strength);
    if (point.kl >= nats) high = point;
    else low = point;
  }
  const away = ({ kl }: Measured) => Math.abs(kl - nats);
  const nearest = () =>
    [...known, ...measured].reduce((best, each) => (away(each) < away(best) ? each : best));
  let step = 0;
  while (away(nearest()) > tolerance * nats && step < MAX_HALVINGS) {
    // where interpolation keeps falling on one side, halving closes the bracket all the same
    const guess = step % 3 === 2 ? 0.5 : shareOfBracket({ low, high, nats });
    const point = await ask(low.strength + guess * (high.strength - low.strength));
    if (point.kl >= nats) high = point;
    else low = point;
    step++;
  }
  return { point: nearest(), measured };
}

/** Small divergences grow with the square of the strength, so a straight line through logarithms is near the truth. */
function shareOfBracket({ low, high, nats }: { low: Measured; high: Measured; nats: number }): number {
  const strength =
    low.kl > 0 && low.strength > 0
      ? low.strength *
        (high.strength / low.strength) ** (Math.log(nats / low.kl) / Math.log(high.kl / low.kl))
      : low.strength + (high.strength - low.strength) * Math.sqrt(nats / high.kl);
  const share = (strength - low.strength) / (high.strength - low.strength);
  return Number.isFinite(share) ? Math.min(1 - MARGIN, Math.max(MARGIN, share)) : 0.5;
}

function unreachable(facts: { nats: number; strength: number; kl: number }): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", {
    what: `No strength moves the distributions by ${facts.nats} nats a token.`,
    why: `At a strength of ${facts.strength} it is ${facts.kl}, and doubling went no further.`,
    todo: "Give lower levels.",
    facts,
  });
}
