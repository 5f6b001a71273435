/** Damages files for tests: the same seed gives the same damage. */

/** Numbers below `limit`, drawn by xorshift from a seed above 0. */
export type Draw = (limit: number) => number;

export function drawFrom(seed: number): Draw {
  let state = seed >>> 0 || 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

/** Bytes at the start and the end of a file, where headers and directories lie. */
const EDGE = 700;
const EXTREMES = [0, 1, 0x7f, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];
const WORDS = ["-1", "0", "1e9", "99999999999", "4294967296", "null", "[]", '""', "NaN", "true", "0.5"];

/** A position, most often near an end. */
function position(bytes: Buffer, draw: Draw): number {
  if (bytes.length === 0) return 0;
  const edge = Math.min(EDGE, bytes.length);
  const where = draw(4);
  if (where === 0) return draw(Math.max(1, bytes.length));
  return where === 1 ? bytes.length - 1 - draw(Math.max(1, edge)) : draw(Math.max(1, edge));
}

function copyWith(bytes: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
}

/** Replaces one run of digits in the text near the start: a shape, an offset, a setting. */
function replaceNumber(bytes: Buffer, draw: Draw): Buffer {
  const start = bytes.toString("latin1", 0, EDGE);
  const runs = [...start.matchAll(/\d+/g)];
  const run = runs[draw(Math.max(1, runs.length))];
  if (run === undefined) return bytes.subarray(0, draw(bytes.length + 1));
  const end = run.index + run[0].length;
  const other =
    draw(2) === 0
      ? (WORDS[draw(WORDS.length)] ?? "")
      : String(draw(2) === 0 ? draw(200) : Number(run[0]) + draw(3) - 1);
  // of equal length half of the time, so that what counts bytes still holds
  const fitted = draw(2) === 0 ? other.slice(0, run[0].length).padStart(run[0].length, "0") : other;
  return Buffer.concat([bytes.subarray(0, run.index), Buffer.from(fitted, "latin1"), bytes.subarray(end)]);
}

const MUTATIONS: readonly ((bytes: Buffer, draw: Draw) => Buffer)[] = [
  (bytes, draw) =>
    copyWith(bytes, (copy) => {
      for (let i = draw(8); i >= 0; i--) {
        const at = position(copy, draw);
        copy[at] = (copy[at] ?? 0) ^ (1 << draw(8));
      }
    }),
  (bytes, draw) =>
    copyWith(bytes, (copy) => copy.fill(draw(256), position(copy, draw), position(copy, draw))),
  (bytes, draw) => bytes.subarray(0, draw(bytes.length)),
  (bytes, draw) => Buffer.concat([bytes, Buffer.alloc(1 + draw(64), draw(256))]),
  (bytes, draw) =>
    copyWith(bytes, (copy) => {
      if (copy.length >= 8) {
        copy.writeUInt32LE(
          EXTREMES[draw(EXTREMES.length)] ?? 0,
          Math.min(position(copy, draw), copy.length - 4),
        );
      }
    }),
  (bytes, draw) => {
    const at = position(bytes, draw);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + draw(16))]);
  },
  (bytes, draw) => {
    const at = position(bytes, draw);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - 1 - draw(16)))]);
  },
  replaceNumber,
  replaceNumber,
];

/** One or two changes: flipped bits, filled and removed and repeated parts, cuts, extreme lengths, other numbers in the header. */
export function mutate({ bytes, draw }: { bytes: Buffer; draw: Draw }): Buffer {
  let mutated = bytes;
  for (let left = 1 + draw(2); left > 0; left--) {
    mutated = (MUTATIONS[draw(MUTATIONS.length)] ?? replaceNumber)(mutated, draw);
  }
  return mutated;
}
