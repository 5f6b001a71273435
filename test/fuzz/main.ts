/**
 * `npm run fuzz -- [KIND...] [--cases N] [--seed N] [--limit SECONDS]`: N damaged inputs of each kind (few of those that start an engine each). A run of
 * all kinds is kept in bench/results/fuzz.json; with `--keep` one of some kinds takes their place in it. `--case NUMBER KIND` does one case again, in this process.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { KINDS, kindNamed } from "./kinds.ts";
import { caseNumbers, type KindResult, runKind } from "./loop.ts";
import { type Summary, summarySchema } from "./summary.ts";
import { watchKind } from "./watched.ts";

const RESULT = new URL("../../bench/results/fuzz.json", import.meta.url);
const SHOWN = 5;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cases: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    limit: { type: "string", default: "60" },
    case: { type: "string" },
    keep: { type: "boolean", default: false },
  },
});
const kinds = positionals.length === 0 ? KINDS : positionals.map(kindNamed);

if (values.case !== undefined) {
  const [kind] = kinds;
  if (kind === undefined || positionals.length !== 1) throw new Error("--case belongs to one kind: name it");
  report(await runKind({ kind, cases: [whole(values.case)] }));
} else {
  const seed = whole(values.seed);
  const found: Summary["kinds"] = [];
  for (const kind of kinds) {
    const cases = caseNumbers({ kind, seed, cases: whole(values.cases) });
    const result = await watchKind({ kind: kind.name, cases, limitMs: 1000 * whole(values.limit) });
    report(result);
    const { accepted, refused, failures } = result;
    const { name, input, right } = kind;
    found.push({
      kind: name,
      input,
      right,
      cases: cases.length,
      accepted,
      refused,
      failures: failures.length,
    });
  }
  if (positionals.length === 0 || values.keep) {
    write({ seed, kinds: positionals.length === 0 ? found : merged(found, seed) });
    console.log("bench/results/fuzz.json: written; now `node bench/tables.ts --write`");
  }
}

function report({ kind, cases, accepted, refused, failures, slowestMs }: KindResult): void {
  const codes = Object.entries(refused).map(([code, count]) => `${count} ${code}`);
  console.log(
    `${kind}: ${cases} cases, ${accepted} accepted, ${codes.join(", ") || "none refused"}; slowest ${slowestMs} ms`,
  );
  for (const failure of failures.slice(0, SHOWN)) {
    console.error(`FAILED: npm run fuzz -- ${kind} --case ${failure.case}\n${failure.message}\n`);
  }
  if (failures.length > SHOWN)
    console.error(
      `and ${failures.length - SHOWN} more of ${kind}: ${failures
        .slice(SHOWN)
        .map((each) => each.case)
        .join(" ")}`,
    );
  if (failures.length > 0) process.exitCode = 1;
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${text} is no whole number`);
  return value;
}

function write(summary: Summary): void {
  writeFileSync(RESULT, `${JSON.stringify(summarySchema.parse(summary), null, 2)}\n`);
}

function merged(found: Summary["kinds"], seed: number): Summary["kinds"] {
  const stored = summarySchema.parse(JSON.parse(readFileSync(RESULT, "utf8")));
  if (stored.seed !== seed) throw new Error(`the result is of seed ${stored.seed}`);
  return stored.kinds.map((before) => found.find(({ kind }) => kind === before.kind) ?? before);
}
