import { setTimeout } from "node:timers/promises";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type BlockSourceOptions, type LoadBlock, openBlockSource } from "./block-source.ts";

const D_MODEL = 3;

/** Row `r` of piece `p` is `[p, r, 1]`, so that every row says which it is. A load takes a while, as an engine does. */
function loader(rows: readonly number[], keep: (row: string) => boolean = () => true): LoadBlock {
  return async ({ pieces, target, signal }) => {
    await setTimeout(0, undefined, { signal });
    const kept = pieces.flatMap((piece) =>
      Array.from({ length: rows[piece] ?? 0 }, (_, row) => [piece, row, 1]).filter((row) => keep(row.join())),
    );
    target.set(kept.flat());
    // what lies behind the kept rows must not be given out
    target.fill(Number.NaN, kept.length * D_MODEL);
    return kept.length;
  };
}

function open(options: Partial<BlockSourceOptions> & { rows: readonly number[] }) {
  return openBlockSource({ dModel: D_MODEL, load: loader(options.rows), blockRows: 20, seed: 7, ...options });
}

function split(values: Float32Array): string[] {
  return Array.from({ length: values.length / D_MODEL }, (_, row) =>
    values.subarray(row * D_MODEL, (row + 1) * D_MODEL).join(),
  );
}

const pieces = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 20 });
const blockRows = fc.integer({ min: 1, max: 60 });
const maxima = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 12 });

function everyRow(rows: readonly number[]): string[] {
  return rows.flatMap((count, piece) => Array.from({ length: count }, (_, row) => `${piece},${row},1`));
}

it("no row is lost or doubled in an epoch, however many are asked for at a time", async () => {
  await fc.assert(
    fc.asyncProperty(pieces, blockRows, maxima, async (rows, blockRows, maxima) => {
      const source = open({ rows, blockRows });
      const all = everyRow(rows);
      const given: string[] = [];
      while (given.length < 2 * all.length) {
        const max = maxima[given.length % maxima.length] ?? 1;
        given.push(...split(await source.next({ max: Math.min(max, 2 * all.length - given.length) })));
      }
      expect(given.slice(0, all.length).sort()).toEqual(all.toSorted());
      expect(given.slice(all.length).sort()).toEqual(all.toSorted());
      expect(source.position()).toEqual({ epoch: 2, block: 0, taken: 0 });
      await source.close();
    }),
    { numRuns: 60 },
  );
});

it("a source that is opened at a position gives exactly the rows that were to follow, dropped rows included", async () => {
  await fc.assert(
    fc.asyncProperty(pieces, blockRows, maxima, fc.nat(200), async (rows, blockRows, maxima, skipped) => {
      const load = loader(rows, (row) => !row.includes(",4,"));
      const first = open({ rows, blockRows, load });
      if (skipped > 0) await first.next({ max: skipped });
      const second = open({ rows, blockRows, load, position: first.position() });
      for (const max of maxima) {
        expect(split(await second.next({ max }))).toEqual(split(await first.next({ max })));
        expect(second.position()).toEqual(first.position());
      }
      await first.close();
      await second.close();
    }),
    { numRuns: 60 },
  );
});

it("rows of different documents are mixed within a block", async () => {
  const source = open({ rows: Array.from({ length: 8 }, () => 16), blockRows: 128 });
  const first = split(await source.next({ max: 32 })).map((row) => row.split(",")[0]);
  expect(new Set(first).size).toBeGreaterThan(4);
  await source.close();
});

it("tells of every block how many rows it has and how many were dropped", async () => {
  const rows = [5, 6, 7];
  const blocks: number[][] = [];
  const source = open({
    rows,
    blockRows: 6,
    load: loader(rows, (row) => !row.endsWith(",4,1")),
    onBlock: ({ epoch, rows, dropped }) => {
      if (epoch === 0) blocks.push([rows, dropped]);
    },
  });
  await source.next({ max: 15 });
  expect(blocks.reduce((sum, [rows = 0]) => sum + rows, 0)).toBe(15);
  expect(blocks.reduce((sum, [, dropped = 0]) => sum + dropped, 0)).toBe(3);
  await source.close();
});

it("the failure of a load is told to whoever needs its rows, and only then", async () => {
  const rows = [4, 4];
  const good = loader(rows);
  let loads = 0;
  const source = open({
    rows,
    blockRows: 4,
    load: async (options) => {
      loads += 1;
      if (loads === 2) throw new Error("the engine died");
      return good(options);
    },
  });
  await source.next({ max: 4 });
  await expect(source.next({ max: 1 })).rejects.toThrow("the engine died");
  await source.close();
});

it("a wait ends with ABORTED when the signal fires, and the next call goes on", async () => {
  const rows = [4, 4];
  const good = loader(rows);
  const gate = Promise.withResolvers<void>();
  const source = open({
    rows,
    load: async (options) => {
      await gate.promise;
      return good(options);
    },
  });
  const stop = new AbortController();
  const waiting = source.next({ max: 1, signal: stop.signal });
  stop.abort();
  await expect(waiting).rejects.toMatchObject({ code: "ABORTED" });
  gate.resolve();
  expect(split(await source.next({ max: 8 })).sort()).toEqual(everyRow(rows));
  await source.close();
});

it("closing stops the load that is under way", async () => {
  const rows = [4];
  let seen: AbortSignal | undefined;
  const source = open({
    rows,
    load: async ({ signal }) => {
      seen = signal;
      await setTimeout(60_000, undefined, { signal });
      return 0;
    },
  });
  await source.close();
  expect(seen?.aborted).toBe(true);
});

it("refuses a corpus without rows, and a position that it does not have", async () => {
  expect(() => open({ rows: [] })).toThrow(RangeError);
  expect(() => open({ rows: [3, 0] })).toThrow(RangeError);
  const source = open({ rows: [3], position: { epoch: 0, block: 9, taken: 0 } });
  await expect(source.next({ max: 1 })).rejects.toThrow(RangeError);
});
