/** `countersteer judge agreement`: do the judges of a run say the same of the same responses? */
import { type Command, Option } from "commander";
import { judgeAgreement } from "../../experiment/judge-agreement.ts";
import { openRun } from "../../store/open-store.ts";
import { runMargin } from "../../store/run-margin.ts";
import type { CliContext } from "../context.ts";
import { realNumber, wholeNumber } from "../numbers.ts";
import { agreementText } from "./agreement-text.ts";
import { judgeNames } from "./judge-names.ts";

interface AgreementFlags {
  judges?: string[];
  arm?: string;
  margin?: number;
  list: number;
}

export function register(parent: Command, context: CliContext): void {
  parent
    .command("agreement")
    .description(
      "Agreement of every two judges that have judged a run, and the responses that they see most differently.",
    )
    .argument("<run>", "the run's folder")
    .addOption(
      new Option("--judges <names>", "only these, or parts of their names, separated by commas").argParser(
        judgeNames,
      ),
    )
    .option("--arm <name>", "responses of one arm only")
    .option(
      "--margin <points>",
      "least gain that counts as a success (default: the run's)",
      realNumber({ flag: "--margin", min: 0 }),
    )
    .addOption(
      new Option("--list <n>", "disagreements that are shown of each two judges")
        .argParser(wholeNumber({ flag: "--list", min: 0 }))
        .default(10),
    )
    .action((dir: string, flags: AgreementFlags) => agreement({ dir, flags, context }));
}

function agreement({
  dir,
  flags: { judges, arm, margin, list },
  context,
}: {
  dir: string;
  flags: AgreementFlags;
  context: CliContext;
}): void {
  const { terminal } = context;
  using store = openRun({ dir, mode: "read" });
  const result = judgeAgreement({
    store,
    judges: judges ?? null,
    arm: arm ?? null,
    margin: margin ?? runMargin(store.manifest()),
    list,
  });
  terminal.result({
    data: result,
    text: () => agreementText({ agreement: result, color: terminal.color, width: terminal.columns }),
  });
}
