/**
 * `npm run bench:splitter [-- --answers FILE]`: holds the restart splitter to the committed cases, and counts its false alarms on unsteered
 * answers (JSON lines with a `response` or `text`). Stores bench/results/splitter.json. Without a file, the stored false-alarm count stays.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { z } from "zod";
import { readSplitterSet } from "../scripts/build-splitter-set.ts";
import { SPLITTER_VERSION, splitRestarts } from "../src/judge/restart-splitter.ts";
import { readStored } from "./result.ts";
import { splitterAccuracy } from "./splitter-accuracy.ts";
import { type SplitterResult, splitterResultSchema, splitterTable } from "./splitter-table.ts";

const lineSchema = z.union([
  z.object({ response: z.string() }).transform(({ response }) => response),
  z.object({ text: z.string() }).transform(({ text }) => text),
]);

/** Characters before and after a false alarm that are kept to look at. */
const SHOWN = 80;

function falseAlarmsIn(file: string): NonNullable<SplitterResult["unsteered"]> {
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const answers = lines.map((line) => lineSchema.parse(JSON.parse(line)));
  const hits = answers.flatMap((answer) =>
    splitRestarts(answer)
      .attempts.slice(1, 2)
      .map(({ start }) => answer.slice(Math.max(0, start - SHOWN), start + SHOWN)),
  );
  const hash = createHash("sha256").update(answers.join("\n\n")).digest("hex");
  return { answers: answers.length, hash, hits };
}

const { values } = parseArgs({ options: { answers: { type: "string" } } });
const cases = readSplitterSet();
const ofHalf = (half: string) => splitterAccuracy(cases.filter((each) => each.half === half));
const stored = readStored({ cell: "splitter" });
const unsteered =
  values.answers === undefined
    ? stored === null
      ? null
      : splitterResultSchema.parse(stored).unsteered
    : falseAlarmsIn(values.answers);
const result: SplitterResult = {
  splitter: SPLITTER_VERSION,
  halves: { development: ofHalf("development"), "held-out": ofHalf("held-out") },
  unsteered,
};
const file = fileURLToPath(new URL("./results/splitter.json", import.meta.url));
writeFileSync(file, `${JSON.stringify(splitterResultSchema.parse(result), null, 1)}\n`);
console.log(splitterTable(result));
console.log("\nstored bench/results/splitter.json; now run: node bench/tables.ts --write");
