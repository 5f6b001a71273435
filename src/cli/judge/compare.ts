/** `countersteer judge compare`: a run's rates under two judges. */
import type { Command } from "commander";
import { CountersteerError } from "../../errors.ts";
import { compareJudges } from "../../report/judge-compare.ts";
import { judgeComparisonText } from "../../report/judge-compare-text.ts";
import { openRun } from "../../store/open-store.ts";
import type { CliContext } from "../context.ts";
import { realNumber } from "../numbers.ts";
import { judgeNames } from "./judge-names.ts";

interface CompareFlags {
  judges: string[];
  arm?: string;
  margin?: number;
}

export function register(parent: Command, context: CliContext): void {
  parent
    .command("compare")
    .description(
      "The run's rates under two judges, over the responses that both scored and over all that each scored.",
    )
    .argument("<run>", "the run's folder")
    .requiredOption("--judges <two>", "two judges, or parts of their names, separated by a comma", judgeNames)
    .option("--arm <name>", "one arm only")
    .option(
      "--margin <points>",
      "least gain that counts as a success (default: the run's)",
      realNumber({ flag: "--margin", min: 0 }),
    )
    .action((dir: string, flags: CompareFlags) => compare({ dir, flags, context }));
}

function compare({
  dir,
  flags: { judges, arm, margin },
  context,
}: {
  dir: string;
  flags: CompareFlags;
  context: CliContext;
}): void {
  const { terminal } = context;
  const [first, second, ...more] = judges;
  if (first === undefined || second === undefined || more.length > 0) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `--judges can't be "${judges.join(",")}".`,
      why: "It takes two judges.",
      todo: "Name two, separated by a comma; `countersteer judge agreement` compares any number.",
      facts: { option: "--judges", judges },
    });
  }
  using store = openRun({ dir, mode: "read" });
  const comparison = compareJudges({
    store,
    first,
    second,
    arm: arm ?? null,
    ...(margin === undefined ? {} : { margin }),
  });
  terminal.result({
    data: comparison,
    text: () => judgeComparisonText({ comparison, color: terminal.color }),
  });
}
