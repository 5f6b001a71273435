import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  attemptRecords,
  FAILED,
  judgementRecord,
  manifestRecord,
  trialRecord,
} from "../../../test/support/run-records.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { CountersteerError } from "../../errors.ts";
import { exportCsv, exportJsonl } from "../export.ts";
import { createRun, openRun } from "../open-store.ts";
import type { RunStore } from "../run-store.ts";
import { TABLE_FORMATS, type TableFormat } from "./formats.ts";
import { importTable } from "./import-table.ts";
import { readParquet, readParquetRun, writeParquet } from "./parquet-table.ts";

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());
const inFolder = (name: string) => path.join(folder.path, name);

async function write(store: RunStore, format: TableFormat, out: string): Promise<void> {
  if (format === "parquet") writeParquet({ store, out });
  else writeFileSync(out, [...(format === "csv" ? exportCsv({ store }) : exportJsonl({ store }))].join(""));
}

/** The file as bytes; of Parquet what it holds, since a writer may lay out equal content in several ways. */
async function contentOf(format: TableFormat, file: string): Promise<unknown> {
  if (format !== "parquet") return readFileSync(file, "utf8");
  const rows: unknown[] = [];
  for await (const each of readParquet({ file })) rows.push(each);
  return { run: await readParquetRun({ file }), rows };
}

const importing = { packageVersion: "0.0.0", now: () => new Date("2026-05-05T05:05:05.000Z") };

async function refusal(work: Promise<unknown>): Promise<CountersteerError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof CountersteerError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 30 }),
  fc.constantFrom(
    'Say "hi",\r\nplease',
    "a,b\tc",
    "\u2028 and \u2029",
    "'=1+1",
    'ends with quote"',
    " spaces ",
  ),
);
const score = fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { freq: 4 });
const row = fc.record({
  arm: fc.constantFrom("steered", "un,steered"),
  latent: fc.option(fc.integer({ min: 0, max: 3 })),
  strength: fc.double({ noNaN: true, noDefaultInfinity: true }),
  prompt: text,
  seed: fc.maxSafeNat(),
  text: text.filter((each) => each.length > 5),
  failed: fc.boolean(),
  steered: fc.boolean(),
  scores: fc.option(fc.array(score, { maxLength: 4 })),
  curve: fc.option(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 5 }), {
    nil: undefined,
  }),
});
type Row = typeof row extends fc.Arbitrary<infer T> ? T : never;

function fill(store: RunStore, rows: readonly Row[]): void {
  store.putArms([{ name: "steered", content: { steer: "sae-latent" } }]);
  store.putLatents([{ latent: 1, label: "bees" }]);
  store.putEvent({ kind: "finished", detail: { trials: rows.length } });
  for (const [i, { failed, steered, scores, curve, ...fields }] of rows.entries()) {
    const key = `key-${i}`;
    const base = trialRecord({ key, unit: `unit-${i}`, ...fields, ...(steered ? {} : { receipt: null }) });
    store.putTrial({ ...base, ...(failed ? FAILED : {}) });
    if (failed || scores === null) continue;
    const attempts = attemptRecords(scores.map((each) => (each === 0 ? 0 : each)));
    const status = scores.some((each) => each !== null) ? "scored" : "no-attempt";
    const detail = {
      note: fields.prompt,
      ...(curve === undefined ? {} : { curve: curve.map((each) => each + 0) }),
    };
    store.putJudgement(judgementRecord({ trialKey: key, status, attempts, detail, repeat: i % 3 }));
  }
}

describe.each(TABLE_FORMATS)("%s", (format) => {
  it("an export of an import of an export is that export, whatever the trials hold", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 12 }), async (rows) => {
        await using own = await temporaryFolder();
        const at = (name: string) => path.join(own.path, name);
        using store = createRun({ dir: at("run"), manifest: manifestRecord() });
        fill(store, rows);
        await write(store, format, at("first"));
        const imported = await importTable({ ...importing, file: at("first"), format, dir: at("again") });
        expect(imported.trials).toBe(rows.length);
        using again = openRun({ dir: at("again"), mode: "read" });
        expect([...again.trials()]).toEqual([...store.trials()]);
        expect([...again.judgements()].map((each) => each.trialKey)).toEqual(
          [...store.judgements()].map((each) => each.trialKey),
        );
        await write(again, format, at("second"));
        expect(await contentOf(format, at("second"))).toEqual(await contentOf(format, at("first")));
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  it("says what the run lacks, and leaves nothing where a row is refused", async () => {
    using store = createRun({ dir: inFolder("run"), manifest: manifestRecord() });
    store.putTrial(trialRecord());
    store.putJudgement(judgementRecord());
    const file = inFolder("trials");
    await write(store, format, file);
    const imported = await importTable({ ...importing, file, format, dir: inFolder("out") });
    expect(imported).toMatchObject({ trials: 1, judgements: 1, judge: "likelihood/1" });
    expect(imported.absent).toContain("recorded activations");
    expect(imported.absent.includes("thresholds")).toBe(format !== "parquet");
    expect((await refusal(importTable({ ...importing, file, format, dir: inFolder("out") }))).code).toBe(
      "RUN_EXISTS",
    );
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.subarray(0, bytes.length - 5));
    const error = await refusal(importTable({ ...importing, file, format, dir: inFolder("other") }));
    expect(error.code).toBe("CONFIG_INVALID");
    expect(readdirSync(folder.path).filter((name) => name.startsWith("other"))).toEqual([]);
  });
});

describe("text files", () => {
  it.each([
    ["a changed score", (line: string) => line.replace(",2,2,10,90.5,", ",2,2,11,90.5,"), /first_score/],
    ["a number in another form", (line: string) => line.replace(",12.25,", ",12.250,"), /strength/],
    ["a missing field", (line: string) => line.replace(/,"(?:[^"]|"")*"$/, ""), /detail|fields/],
    [
      "a text that no attempt is in",
      (line: string) => line.replace("Wait, let me", "Then I shall"),
      /attempts/,
    ],
    ["a row twice", (line: string) => `${line}\r\n${line}`, /same trial/],
  ])("CSV with %s is refused, with its place", async (_, change, says) => {
    using store = createRun({ dir: inFolder("run"), manifest: manifestRecord() });
    store.putTrial(trialRecord());
    store.putJudgement(judgementRecord());
    const [head = "", line = ""] = [...exportCsv({ store })];
    const file = inFolder("trials.csv");
    writeFileSync(file, `${head}${change(line.trimEnd())}\r\n`);
    const error = await refusal(importTable({ ...importing, file, format: "csv", dir: inFolder("out") }));
    expect([error.code, error.message]).toEqual(["CONFIG_INVALID", expect.stringMatching(says)]);
    expect(readdirSync(folder.path)).not.toContain("out");
  });

  it("CSV without the columns that hold the whole trial is refused by their names", async () => {
    const file = inFolder("trials.csv");
    writeFileSync(file, "key,arm,first_score\r\na,b,3\r\n");
    const error = await refusal(importTable({ ...importing, file, format: "csv", dir: inFolder("out") }));
    expect(error.message).toMatch(/lacks the columns .*token_ids/);
  });

  it("rows of two judges are refused", async () => {
    using store = createRun({ dir: inFolder("run"), manifest: manifestRecord() });
    const lines = ["likelihood/1", "other/2"].map((judge, i) => {
      const key = `key-${i}`;
      store.putTrial(trialRecord({ key }));
      store.putJudgement(judgementRecord({ trialKey: key, judge }));
      return [...exportJsonl({ store, judge })][i];
    });
    const file = inFolder("trials.jsonl");
    writeFileSync(file, lines.join(""));
    const error = await refusal(importTable({ ...importing, file, format: "jsonl", dir: inFolder("out") }));
    expect(error.message).toMatch(/one judge/);
  });
});

describe("Parquet", () => {
  it("brings back the settings of the run", async () => {
    using store = createRun({ dir: inFolder("run"), manifest: manifestRecord() });
    fill(store, []);
    store.putTrial(trialRecord());
    writeParquet({ store, out: inFolder("trials.parquet") });
    await importTable({
      ...importing,
      file: inFolder("trials.parquet"),
      format: "parquet",
      dir: inFolder("out"),
    });
    using again = openRun({ dir: inFolder("out"), mode: "read" });
    expect(again.manifest()).toEqual(store.manifest());
    expect([again.arms(), again.latents()]).toEqual([store.arms(), store.latents()]);
    expect(again.events().map(({ kind }) => kind)).toEqual(["finished", "imported-table"]);
  });

  it("overwrites nothing", () => {
    using store = createRun({ dir: inFolder("run"), manifest: manifestRecord() });
    writeFileSync(inFolder("trials.parquet"), "mine");
    expect(() => writeParquet({ store, out: inFolder("trials.parquet") })).toThrow(/EEXIST/);
    expect(readFileSync(inFolder("trials.parquet"), "utf8")).toBe("mine");
    expect(readdirSync(folder.path).toSorted()).toEqual(["run", "trials.parquet"]);
  });
});

it("Parquet: a byte of the columns that is another one is seen before they are decoded", async () => {
  using store = createRun({ dir: inFolder("run"), manifest: manifestRecord() });
  store.putTrial(trialRecord());
  const file = inFolder("trials");
  await write(store, "parquet", file);
  const bytes = readFileSync(file);
  const end = Number(/(\d+) [0-9a-f]{64}/.exec(bytes.toString("latin1"))?.[1]);
  expect(end).toBeGreaterThan(1000);
  for (let at = 4; at < end; at += 97) {
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] ?? 0) ^ 0x80;
    writeFileSync(file, damaged);
    const { code } = await refusal(
      importTable({ ...importing, file, format: "parquet", dir: inFolder("out") }),
    );
    expect(code).toBe("CONFIG_INVALID");
  }
});
