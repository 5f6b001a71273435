/** `countersteer plan`: how many latents and trials it takes to see a difference of two rates, before they are run. */
import Table from "cli-table3";
import { type Command, Option } from "commander";
import { CountersteerError } from "../errors.ts";
import { type ObservedClustering, observedClustering } from "../report/observed-clustering.ts";
import { type ComparisonPlan, planComparison } from "../stats/plan-comparison.ts";
import { openRun } from "../store/open-store.ts";
import type { CliContext } from "./context.ts";
import { realNumber, wholeNumber } from "./numbers.ts";

interface PlanFlags {
  from: number;
  to: number;
  trialsPerLatent: number;
  icc?: number;
  correlation?: number;
  power: number;
  alpha: number;
  latents?: number;
  run?: string;
  outcome: "esr" | "multi-attempt";
}

/** As long as nobody measured it; docs/statistics.md says where it comes from. */
const USUAL_ICC = 0.1;
const CORRELATIONS = [0, 0.3, 0.6];

export function register(program: Command, context: CliContext): void {
  const percent = (flag: string) => realNumber({ flag, min: 0, max: 100 });
  program
    .command("plan")
    .description("How many latents and trials it takes to tell two rates apart. Rates are in percent.")
    .requiredOption("--from <percent>", "rate without the treatment", percent("--from"))
    .requiredOption("--to <percent>", "rate with it", percent("--to"))
    .addOption(
      new Option("--trials-per-latent <n>", "trials of a latent in each arm")
        .argParser(wholeNumber({ flag: "--trials-per-latent", min: 1 }))
        .default(5),
    )
    .option(
      "--icc <r>",
      `correlation of two trials of one latent (default: --run's, else ${USUAL_ICC})`,
      realNumber({ flag: "--icc", min: 0, max: 1 }),
    )
    .option(
      "--correlation <r>",
      "correlation of a unit's outcomes in both arms (default: --run's, else a table of three)",
      realNumber({ flag: "--correlation", min: 0, max: 1 }),
    )
    .addOption(
      new Option("--power <share>", "chance to find the difference")
        .argParser(realNumber({ flag: "--power", min: 0.1, max: 0.999 }))
        .default(0.8),
    )
    .addOption(
      new Option("--alpha <share>", "two-sided level of the test")
        .argParser(realNumber({ flag: "--alpha", min: 0.0001, max: 0.2 }))
        .default(0.05),
    )
    .option(
      "--latents <n>",
      "also the power that so many latents have",
      wholeNumber({ flag: "--latents", min: 2 }),
    )
    .option("--run <folder>", "take the correlations from a stored run")
    .addOption(
      new Option("--outcome <rate>", "of that run")
        .choices(["esr", "multi-attempt"])
        .default("multi-attempt"),
    )
    .action((flags: PlanFlags) => plan({ flags, context }));
}

function plan({ flags, context }: { flags: PlanFlags; context: CliContext }): void {
  const { from, to, trialsPerLatent, power, alpha, latents } = flags;
  if (from === to) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `--from and --to are both ${from} %.`,
      why: "No number of trials tells equal rates apart.",
      todo: "Give the smallest difference that would matter.",
      facts: { from, to },
    });
  }
  const observed = flags.run === undefined ? null : read({ dir: flags.run, outcome: flags.outcome });
  // of several values the one that asks for the most trials is the safe one to plan with
  const icc =
    flags.icc ??
    extreme(
      Math.max,
      observed?.icc.map((each) => each.icc),
    ) ??
    USUAL_ICC;
  const known =
    flags.correlation ??
    extreme(
      Math.min,
      observed?.correlation.map((each) => each.correlation),
    );
  const result = planComparison({
    from: from / 100,
    to: to / 100,
    trialsPerLatent,
    icc: Math.max(0, icc),
    correlations: known === null ? CORRELATIONS : [Math.max(0, known)],
    power,
    alpha,
    ...(latents === undefined ? {} : { latents }),
  });
  context.terminal.result({
    data: { from, to, trialsPerLatent, icc, power, alpha, ...result, observed },
    text: () => textOf({ flags, icc, result, observed }),
  });
}

function read({ dir, outcome }: { dir: string; outcome: "esr" | "multi-attempt" }): ObservedClustering {
  const store = openRun({ dir, mode: "read" });
  try {
    return observedClustering({ store, outcome });
  } finally {
    store.close();
  }
}

/** Null where a run can't tell. */
function extreme(
  pick: (...values: number[]) => number,
  values: readonly (number | null)[] | undefined,
): number | null {
  const known = (values ?? []).filter((value) => value !== null);
  return known.length === 0 ? null : pick(...known);
}

function textOf({
  flags,
  icc,
  result,
  observed,
}: {
  flags: PlanFlags;
  icc: number;
  result: ComparisonPlan;
  observed: ObservedClustering | null;
}): string {
  const { from, to, power, alpha, trialsPerLatent, latents } = flags;
  const table = new Table({
    head: ["design", "latents", "trials an arm", ...(latents === undefined ? [] : [`power at ${latents}`])],
    colAligns: ["left", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  for (const { correlation, latents: needed, trialsPerArm, powerAtLatents } of result.designs) {
    table.push([
      correlation === null
        ? "two sets of latents"
        : `same units in both arms, correlation ${correlation.toFixed(2)}`,
      needed ?? "-",
      trialsPerArm ?? "-",
      ...(powerAtLatents === null ? [] : [powerAtLatents.toFixed(2)]),
    ]);
  }
  const few = observed?.icc.filter((each) => each.icc === null).map(({ arm }) => arm) ?? [];
  return [
    `To tell ${from} % from ${to} % with power ${power} at a two-sided level of ${alpha}, ${trialsPerLatent} trials a latent,`,
    `trials of a latent correlated by ${icc.toFixed(2)} (design effect ${result.designEffect.toFixed(2)}):`,
    table.toString(),
    "Every run of this program pairs its arms: all arms replay the same latents, strengths, prompts and seeds.",
    ...(few.length === 0
      ? []
      : [`The run can't tell a correlation for ${few.join(", ")}: its outcomes don't vary.`]),
  ].join("\n");
}
