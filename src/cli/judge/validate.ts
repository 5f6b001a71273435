/** `countersteer judge validate`: can the judge tell answers from answers to other questions? */
import { type Command, Option } from "commander";
import { brokenAnswers } from "../../experiment/broken-answers.ts";
import { calibrationFor, likelihoodParts, unsteeredAnswers } from "../../experiment/calibrate-judge.ts";
import type { RunConfig } from "../../experiment/config.ts";
import { validateLikelihood } from "../../judge/validate-likelihood.ts";
import { validationText } from "../../report/validation-text.ts";
import type { CliContext } from "../context.ts";
import { withSession } from "../execute-run.ts";
import { wholeNumber } from "../numbers.ts";
import { addRunOptions, type RunFlags, settingsOf } from "../run-options.ts";
import { validateLanguageModel } from "./validate-language-model.ts";

export interface ValidateFlags extends RunFlags {
  answers: number;
  preset: string;
  cases?: string;
}

export function register(parent: Command, context: CliContext): void {
  const command = parent
    .command("validate")
    .description(
      "score unsteered answers and the same answers under other prompts: area under the curve, calibration curve",
    )
    .addOption(
      new Option("--answers <n>", "answers to score")
        .argParser(wholeNumber({ flag: "--answers", min: 10 }))
        .default(200),
    )
    .option(
      "--cases <file>",
      "with a language model: also find the attempts of responses whose restarts are known (JSON lines)",
    )
    .option("--preset <preset or file>", "whose settings to use", "demo");
  addRunOptions(command).action((flags: ValidateFlags) => validate({ flags, context }));
}

async function validate({ flags, context }: { flags: ValidateFlags; context: CliContext }): Promise<void> {
  const { config } = await settingsOf({ source: flags.preset, flags });
  const { kind } = config.judge;
  await (kind === "likelihood" ? validateOffline : validateLanguageModel)({ config, flags, context });
}

async function validateOffline({
  config,
  flags,
  context,
}: {
  config: RunConfig;
  flags: ValidateFlags;
  context: CliContext;
}): Promise<void> {
  const { terminal, signal } = context;
  const result = await withSession({ config, flags, context }, async (session, { cacheDir }) => {
    terminal.status("calibrating the judge");
    const calibration = await calibrationFor({ session, cacheDir, signal });
    // seeds that the calibration did not use: it must be tested on answers that it has not seen
    const fresh = { ...session, config: { ...config, seed: config.seed + 1 } };
    let done = 0;
    const answers = await unsteeredAnswers({
      session: fresh,
      count: flags.answers,
      signal,
      onAnswer: () => terminal.status(`${++done} of ${flags.answers} answers`),
    });
    const broken = await brokenAnswers({
      session: fresh,
      count: Math.ceil(flags.answers / 4),
      signal,
      onAnswer: () => terminal.status(`${++done - flags.answers} broken answers`),
    });
    terminal.status("scoring the answers");
    const { engine, renderPrompt, contrastPrompts } = likelihoodParts(session);
    const validation = await validateLikelihood({
      engine,
      renderPrompt,
      contrastPrompts,
      answers,
      broken,
      calibration,
      contrastSizes: [1, 2, 4, 8],
      seed: config.seed,
      signal,
    });
    const { name, weightType, fileHash } = session.engine.info;
    return { model: { name, weightType, fileHash }, calibration, ...validation };
  });
  terminal.result({ data: result, text: () => validationText(result) });
}
