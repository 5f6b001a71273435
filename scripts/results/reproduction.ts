/** The table of docs/reproduction.md: published numbers beside what we measured on the default model. */
import type { DesignResult } from "./excerpt.ts";
import { type Measured, PUBLISHED_NUMBERS, type PublishedNumber } from "./published-numbers.ts";

const OPEN = "<!-- results -->";
const CLOSE = "<!-- /results -->";

/** The document with a fresh table between its marks. Throws where they are missing. */
export function refreshReproduction({
  text,
  results,
  numbers = PUBLISHED_NUMBERS,
}: {
  text: string;
  results: readonly DesignResult[];
  numbers?: readonly PublishedNumber[];
}): string {
  const from = text.indexOf(OPEN);
  const to = text.indexOf(CLOSE);
  if (from < 0 || to < from) throw new Error(`the document has no ${OPEN} ... ${CLOSE}`);
  return `${text.slice(0, from + OPEN.length)}\n\n${table({ results, numbers })}\n\n${text.slice(to)}`;
}

function table({
  results,
  numbers,
}: {
  results: readonly DesignResult[];
  numbers: readonly PublishedNumber[];
}): string {
  return [
    "| exp. | published | value | its denominator | our setting | ours, SmolLM2-135M |",
    "|---|---|---|---|---|---|",
    ...numbers.map(({ experiment, what, value, denominator, setting, measured }) => {
      const ours = measured === null ? "-" : measuredText({ measured, results });
      return `| ${[experiment, what, value, denominator, setting, ours].join(" | ")} |`;
    }),
  ].join("\n");
}

function measuredText({
  measured,
  results,
}: {
  measured: Measured;
  results: readonly DesignResult[];
}): string {
  const { design, arm: name, measure } = measured;
  const arm = results.find((each) => each.design === design)?.arms.find((each) => each.arm === name);
  if (arm === undefined) throw new Error(`docs/results holds no arm ${name} of the design ${design}`);
  const where = `\`${name}\``;
  if (measure === "first-score") {
    const { estimate, lower, upper } = arm.firstScore;
    return `${where} ${fixed(estimate)} [${fixed(lower)}, ${fixed(upper)}], n ${arm.counts.scored}`;
  }
  const { successes, n, byLatent } = measure === "esr" ? arm.esr : arm.multiAttempt;
  const bounds = [byLatent.lower, byLatent.upper].map((each) => fixed(each === null ? null : 100 * each));
  return `${where} ${successes} of ${n} [${bounds.join(", ")}] %`;
}

function fixed(value: number | null): string {
  return value === null ? "-" : value.toFixed(1);
}
