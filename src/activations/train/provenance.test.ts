import { expect, it } from "vitest";
import { checkSameRows, type Provenance } from "./provenance.ts";

const before: Provenance = {
  package: "0.1.0",
  model: { file: "/a/m.gguf", name: "m", sha256: "11", weightType: "q4_0", weightMode: "fast" },
  engine: { llamaCpp: "v1", workers: 2 },
  documents: [{ file: "/a/corpus.jsonl", sha256: "22" }],
  corpus: { train: { documents: 9, rows: 99 }, heldOut: { documents: 1, rows: 11 } },
  activations: null,
};

it("a training goes on where only paths and the number of processes changed", () => {
  const now: Provenance = {
    ...before,
    package: "0.2.0",
    model: before.model && { ...before.model, file: "/b/m.gguf" },
    engine: { llamaCpp: "v1", workers: 8 },
    documents: [{ file: "/b/corpus.jsonl", sha256: "22" }],
  };
  expect(() => checkSameRows({ before, now })).not.toThrow();
});

const changes: Partial<Provenance>[] = [
  { model: before.model && { ...before.model, sha256: "12" } },
  { model: before.model && { ...before.model, weightType: "q8_0" } },
  { engine: { llamaCpp: "v2" } },
  { documents: [{ file: "/a/corpus.jsonl", sha256: "23" }] },
  { corpus: { train: { documents: 9, rows: 98 }, heldOut: { documents: 1, rows: 11 } } },
  { activations: { file: "/a/rows.safetensors", sha256: "33", metadata: {} } },
];

it.each(changes)("refuses to go on on other rows: %j", (change) => {
  expect(() => checkSameRows({ before, now: { ...before, ...change } })).toThrow(
    expect.objectContaining({ code: "RUNS_UNEQUAL" }),
  );
});
