import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ContextCollector, type ReadSequence } from "./context-collector.ts";

const LATENTS = 3;

/** A sequence whose token ids are `100 * document + row` and whose latents fire where `fires` says. */
function sequence({
  document,
  length,
  fires,
  skip = 0,
}: {
  document: number;
  length: number;
  fires: readonly (readonly [row: number, latent: number, value: number])[];
  skip?: number;
}): ReadSequence {
  const values = new Float32Array(length * LATENTS);
  for (const [row, latent, value] of fires) values[row * LATENTS + latent] = value;
  return { tokens: Int32Array.from({ length }, (_, row) => 100 * document + row), skip, values, document };
}

describe("counts", () => {
  test("rows that are skipped count nowhere", () => {
    const collector = new ContextCollector({ latents: LATENTS });
    collector.add(
      sequence({
        document: 0,
        length: 5,
        skip: 2,
        fires: [
          [0, 0, 9],
          [2, 0, 1],
          [4, 0, 3],
        ],
      }),
    );
    expect(collector.counts(0)).toEqual({ active: 2, density: 2 / 3, max: 3, mean: 2 });
    expect(collector.counts(1)).toEqual({ active: 0, density: 0, max: 0, mean: 0 });
  });

  test("top is exactly the strongest place of each of the strongest documents, whatever the order of documents", () => {
    const corpus = fc.array(
      fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 12 }),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(corpus, fc.nat(), (documents, turn) => {
        const collector = new ContextCollector({ latents: LATENTS, top: 4 });
        const numbers = documents.map((_, i) => (i + turn) % documents.length);
        for (const number of numbers) {
          const values = documents[number] ?? [];
          const fires = values.map((value, row) => [row, 1, value] as const);
          collector.add(sequence({ document: number, length: values.length, fires }));
        }
        const strongest = documents.map((values) => Math.max(...values)).filter((value) => value > 0);
        expect(collector.top(1).map(({ value }) => value)).toEqual(
          strongest.sort((a, b) => b - a).slice(0, 4),
        );
        for (const { tokens, peak, activations, value, document, position } of collector.top(1)) {
          expect(tokens[peak]).toBe(100 * document + position);
          expect(activations[peak]).toBeCloseTo(value, 0);
        }
      }),
    );
  });
});

describe("places", () => {
  test("a window ends where the sequence does, and has the activations of its tokens", () => {
    const collector = new ContextCollector({ latents: LATENTS, before: 2, after: 1 });
    collector.add(sequence({ document: 0, length: 4, fires: [] }));
    collector.add(
      sequence({
        document: 1,
        length: 4,
        fires: [
          [0, 2, 10],
          [1, 2, 5],
        ],
      }),
    );
    const [place] = collector.top(2);
    expect([...(place?.tokens ?? [])]).toEqual([100, 101]);
    expect(place).toMatchObject({ peak: 0, value: 10, position: 0, document: 1 });
    expect(place?.activations[0]).toBe(10);
    expect(place?.activations[1]).toBeCloseTo(5, 1);
  });

  test("a document has one place however many sequences it is cut into", () => {
    const collector = new ContextCollector({ latents: LATENTS, top: 4, sample: 4 });
    collector.add(sequence({ document: 7, length: 2, fires: [[1, 0, 3]] }));
    collector.add(sequence({ document: 7, length: 2, fires: [[0, 0, 4]] }));
    collector.add(sequence({ document: 7, length: 2, fires: [[0, 0, 2]] }));
    expect(collector.top(0).map(({ value }) => value)).toEqual([4]);
    expect(collector.sample(0)).toHaveLength(1);
  });

  test("the sample is drawn from weak places as well as from strong ones", () => {
    const collector = new ContextCollector({ latents: LATENTS, top: 5, sample: 40 });
    for (let document = 0; document < 400; document++) {
      collector.add(sequence({ document, length: 1, fires: [[0, 0, document + 1]] }));
    }
    const values = collector.sample(0).map(({ value }) => value);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(values).toHaveLength(40);
    expect(values).toEqual(values.toSorted((a, b) => b - a));
    // the mean of 40 of 1..400 lies here but for one draw in many thousands
    expect(Math.abs(mean - 200.5)).toBeLessThan(80);
  });

  test("windows of silence hold none of the latent's firing, and are windows of the corpus", () => {
    const collector = new ContextCollector({ latents: LATENTS, pool: 50, before: 1, after: 1 });
    for (let document = 0; document < 60; document++) {
      collector.add(sequence({ document, length: 3, fires: document % 2 === 0 ? [[1, 0, 1]] : [[1, 1, 1]] }));
    }
    expect(collector.pool()).toHaveLength(50);
    const documentOf = (tokens: Int32Array) => Math.floor((tokens[0] ?? 0) / 100);
    expect(collector.silent(0).every((tokens) => documentOf(tokens) % 2 === 1)).toBe(true);
    expect(collector.silent(0).length + collector.silent(1).length).toBe(50);
    expect(collector.silent(2)).toHaveLength(50);
  });
});
