/**
 * A small seeded random stream for resampling (not for cryptography).
 * Generator: xoshiro128** (Blackman and Vigna 2018). State: four uint32, filled by hashing (seed low word, seed high word, stream),
 * so streams of one seed are independent of each other and of the order in which they are used.
 */
export interface Rng {
  /** Uniform in [0, 1), 53 bits. */
  next(): number;
  /** Uniform integer in [0, n). */
  below(n: number): number;
}

/** A bijection of uint32 (the finaliser of MurmurHash3). */
function mix(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function rotateLeft(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}

export interface RngOptions {
  /** An integer in [0, 2^53). */
  seed: number;
  /** Which stream of the seed, an integer in [0, 2^32). @default 0 */
  stream?: number;
}

export function createRng({ seed, stream = 0 }: RngOptions): Rng {
  if (
    !(Number.isSafeInteger(seed) && seed >= 0 && Number.isInteger(stream) && stream >= 0 && stream < 2 ** 32)
  ) {
    throw new RangeError(
      `a random stream needs a whole seed in [0, 2^53) and stream in [0, 2^32), got ${seed}, ${stream}`,
    );
  }
  const words = [seed % 2 ** 32, Math.floor(seed / 2 ** 32), stream];
  const fill = (index: number): number =>
    words.reduce((h, word) => mix((h ^ word) + 0x9e3779b9), mix(index + 1));
  let a = fill(0);
  let b = fill(1);
  let c = fill(2);
  // the generator is stuck at a state of zeros; `| 1` rules it out
  let d = fill(3) | 1;

  const word = (): number => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotateLeft(d, 11);
    return result;
  };
  const next = (): number => ((word() >>> 5) * 2 ** 26 + (word() >>> 6)) / 2 ** 53;
  return { next, below: (n) => Math.floor(next() * n) };
}
