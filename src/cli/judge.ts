/** `countersteer judge validate`: can the judge tell answers from answers to other questions? */
import { type Command, Option } from "commander";
import { calibrationFor, likelihoodParts, unsteeredAnswers } from "../experiment/calibrate-judge.ts";
import { validateLikelihood } from "../judge/validate-likelihood.ts";
import { validationText } from "../report/validation-text.ts";
import type { CliContext } from "./context.ts";
import { withSession } from "./execute-run.ts";
import { wholeNumber } from "./numbers.ts";
import { addRunOptions, type RunFlags, settingsOf } from "./run-options.ts";

interface ValidateFlags extends RunFlags {
  answers: number;
  preset: string;
}

export function register(program: Command, context: CliContext): void {
  const judge = program.command("judge").description("check the judge");
  const command = judge
    .command("validate")
    .description(
      "score unsteered answers and the same answers under other prompts: area under the curve, calibration curve",
    )
    .addOption(
      new Option("--answers <n>", "answers to score")
        .argParser(wholeNumber({ flag: "--answers", min: 10 }))
        .default(200),
    )
    .option("--preset <preset or file>", "whose settings to use", "demo");
  addRunOptions(command).action((flags: ValidateFlags) => validate({ flags, context }));
}

async function validate({ flags, context }: { flags: ValidateFlags; context: CliContext }): Promise<void> {
  const { terminal, signal } = context;
  const { config } = await settingsOf({ source: flags.preset, flags });
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
    terminal.status("scoring the answers");
    const { engine, renderPrompt, contrastPrompts } = likelihoodParts(session);
    const validation = await validateLikelihood({
      engine,
      renderPrompt,
      contrastPrompts,
      answers,
      calibration,
      contrastSizes: [1, 2, 4],
      seed: config.seed,
      signal,
    });
    const { name, weightType, fileHash } = session.engine.info;
    return { model: { name, weightType, fileHash }, calibration, ...validation };
  });
  terminal.result({ data: result, text: () => validationText(result) });
}
