/** Seeded normal numbers for the first weights: splitmix32 into Box and Muller's transform. */

function splitmix32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
}

/** A stream of standard normal numbers. @param seed an integer in [0, 2^53) */
export function normalStream({ seed }: { seed: number }): () => number {
  const high = splitmix32(Math.floor(seed / 2 ** 32));
  const next = splitmix32((seed % 2 ** 32) ^ high());
  const uniform = () => (next() + 0.5) / 2 ** 32;
  let spare: number | null = null;
  return () => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}
