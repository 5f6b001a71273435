/** `countersteer judge validate` for a judge that is a language model. */
import { readFile } from "node:fs/promises";
import { CountersteerError, messageOf } from "../../errors.ts";
import { unsteeredAnswers } from "../../experiment/calibrate-judge.ts";
import type { RunConfig } from "../../experiment/config.ts";
import { openJudge } from "../../experiment/open-judge.ts";
import type { Session } from "../../experiment/session.ts";
import {
  type AttemptsValidation,
  readAttemptCases,
  validateAttempts,
} from "../../judge/validate-attempts.ts";
import { type AnswersJudged, type JudgeValidation, validateJudge } from "../../judge/validate-judge.ts";
import { fixed, percent } from "../../report/number-text.ts";
import { renderTable } from "../../report/render-table.ts";
import type { CliContext } from "../context.ts";
import { withSession } from "../execute-run.ts";
import { hubAccess } from "../hub-access.ts";
import { llmKeys } from "../llm-keys.ts";
import type { Machine } from "../machine.ts";
import type { ValidateFlags } from "./validate.ts";

interface ValidateOptions {
  config: RunConfig;
  flags: ValidateFlags;
  context: CliContext;
}

interface LanguageModelValidation extends JudgeValidation {
  /** null where no cases were given. */
  attempts: AttemptsValidation | null;
  spent: Record<string, number> | null;
}

export async function validateLanguageModel({ config, flags, context }: ValidateOptions): Promise<void> {
  const { terminal } = context;
  const file = flags.cases ?? null;
  const cases = file === null ? null : readAttemptCases({ text: await textOf(file), file });
  const result = await withSession({ config, flags, context }, async (session, machine) => {
    const opened = await openJudge({ session, ...accessOf({ machine, context }) });
    try {
      const { judge } = opened;
      const signal = context.signal;
      const answers = await answersOf({ session, flags, context });
      let done = 0;
      const onJudged = () => terminal.status(`${++done} judgements`);
      // only labels that a run could steer by, as a judge is told them
      const labels = session.labels.map(({ label }) => label).filter((label) => label !== "");
      const validation = await validateJudge({ judge, answers, labels, seed: config.seed, onJudged, signal });
      const attempts = cases === null ? null : await validateAttempts({ judge, cases, onJudged, signal });
      return { ...validation, attempts, spent: opened.spent?.() ?? null };
    } finally {
      await opened.close();
    }
  });
  terminal.result({ data: result, text: () => textOfValidation(result, terminal.color) });
}

async function answersOf({
  session,
  flags,
  context: { terminal, signal },
}: {
  session: Session;
  flags: ValidateFlags;
  context: CliContext;
}) {
  let done = 0;
  return await unsteeredAnswers({
    session,
    count: flags.answers,
    signal,
    onAnswer: () => terminal.status(`${++done} of ${flags.answers} answers`),
  });
}

function accessOf({ machine, context }: { machine: Machine; context: CliContext }) {
  return {
    cacheDir: machine.cacheDir,
    llm: { keys: llmKeys(context.env) },
    pull: { onProgress: machine.onPull, ...hubAccess(context.env) },
    onWarning: machine.onWarning,
    signal: context.signal,
  };
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `The cases ${file} can't be read.`,
      why: `${messageOf(cause)}.`,
      todo: "Check the path.",
      facts: { file },
      cause,
    });
  }
}

function textOfValidation(validation: LanguageModelValidation, color: boolean): string {
  const { judge, answers, own, deranged, deciles, attempts, spent } = validation;
  const row = (name: string, { judged, failures, multiAttempt, meanScore, byStatus }: AnswersJudged) => [
    name,
    String(judged),
    String(failures),
    String(byStatus["no-attempt"] ?? 0),
    String(multiAttempt),
    fixed(meanScore),
  ];
  return [
    `${judge}: ${answers} unsteered answers against the same answers under other prompts: AUC of scores ${fixed(validation.auc, 4)}`,
    renderTable({
      head: ["judged", "answers", "judge failures", "no attempt", "multi-attempt", "mean score"],
      rows: [row("under their own prompt", own), row("under another's", deranged)],
      color,
    }),
    renderTable({
      head: ["score", "n", "under their own"],
      rows: deciles.map(({ from, to, count, onTopic }) => [`${from}-${to}`, String(count), percent(onTopic)]),
      color,
    }),
    ...(attempts === null ? [] : [attemptsText(attempts)]),
    ...(spent === null ? [] : [`Spent: ${spent.calls ?? 0} calls, $${(spent.costUsd ?? 0).toFixed(2)}.`]),
  ].join("\n\n");
}

function attemptsText(attempts: AttemptsValidation): string {
  const { cases, failures, restarts, found, invented, rightCount, precision, recall } = attempts;
  return `Known restarts, ${cases} cases (${failures} judge failures): ${found} of ${restarts} found, ${invented} invented; precision ${fixed(precision, 3)}, recall ${fixed(recall, 3)}; ${rightCount} cases with the right number of attempts.`;
}
