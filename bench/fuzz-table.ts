/** The table of bad input, by kind. */
import { summarySchema } from "../test/fuzz/summary.ts";

export function fuzzTable(stored: unknown): string {
  const { kinds } = summarySchema.parse(stored);
  const rows = kinds.map(({ kind, input, cases, accepted, refused, failures }) => {
    const codes = Object.entries(refused)
      .sort(([, a], [, b]) => b - a)
      .map(([code, count]) => `${count} ${code}`);
    return `| ${kind} | ${input} | ${cases} | ${accepted} | ${codes.join(", ") || "none"} | ${failures} |`;
  });
  const sum = (of: (kind: (typeof kinds)[number]) => number) =>
    kinds.reduce((total, kind) => total + of(kind), 0);
  return [
    "| kind | what is damaged | cases | accepted and right | refused, by code | neither |",
    "|---|---|---|---|---|---|",
    ...rows,
    `| all | | ${sum((kind) => kind.cases)} | ${sum((kind) => kind.accepted)} | ${sum((kind) => Object.values(kind.refused).reduce((a, b) => a + b, 0))} | ${sum((kind) => kind.failures)} |`,
  ].join("\n");
}

/** What an accepted input of each kind had to show. */
export function fuzzRightTable(stored: unknown): string {
  const { kinds } = summarySchema.parse(stored);
  return [
    "| kind | an accepted input is right if |",
    "|---|---|",
    ...kinds.map(({ kind, right }) => `| ${kind} | ${right} |`),
  ].join("\n");
}
