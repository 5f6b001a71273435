/** One trial whole: response, attempts, and what the judge measured token by token. */
import { CountersteerError } from "../errors.ts";
import type { JudgementRecord, TrialRecord } from "../store/records.ts";
import type { RunStore } from "../store/run-store.ts";
import { fixed, short } from "./number-text.ts";
import { wrapText } from "./wrap-text.ts";

export interface TrialReport {
  trial: Omit<TrialRecord, "tokens" | "offsets"> & { tokens: number[]; offsets: number[] };
  /** Every judge's, latest first; the likelihood judge's detail holds the topicality of each token as `curve`. */
  judgements: JudgementRecord[];
}

/** `key` may be the beginning of a trial's key, if no other begins so. Throws REQUEST_INVALID. */
export function trialReport({ store, key }: { store: RunStore; key: string }): TrialReport {
  const found = [...store.trialKeys()].filter((each) => each.startsWith(key));
  const [only] =
    found.length === 1 || found.includes(key) ? [found.find((each) => each === key) ?? found[0]] : [];
  const trial = only === undefined ? null : store.trial(only);
  if (trial === null) {
    throw new CountersteerError("REQUEST_INVALID", {
      what: `${found.length} trials of ${store.dir} have a key that begins with "${key}".`,
      why: "A trial's report is of one trial.",
      todo: "Give the whole key, as `report --json` and the export print it.",
      facts: { key, found: found.length },
    });
  }
  const { tokens, offsets, ...rest } = trial;
  const judgements = [...store.judgements({ trialKey: trial.key })].reverse();
  return { trial: { ...rest, tokens: [...tokens], offsets: [...offsets] }, judgements };
}

/** Tokens in a line of the curve. */
const BLOCK = 16;

export function trialReportText({ report, width }: { report: TrialReport; width: number }): string {
  const { trial, judgements } = report;
  const where = trial.latent === null ? "" : `, latent ${trial.latent} at ${short(trial.strength)}`;
  return [
    `${trial.key}: ${trial.arm}${where}\nprompt: ${trial.prompt}`,
    wrapText({ text: trial.text, width, indent: 2 }),
    ...judgements.map((judgement) => judgementText({ judgement, text: trial.text, offsets: trial.offsets })),
  ].join("\n\n");
}

function judgementText({
  judgement,
  text,
  offsets,
}: {
  judgement: JudgementRecord;
  text: string;
  offsets: readonly number[];
}): string {
  const { judge, status, attempts, detail } = judgement;
  const { curve, implicitRecoveryAt } = detail;
  const attemptLines = attempts.map(
    ({ start, end, score, components }, i) =>
      `  attempt ${i + 1} [${start}, ${end}): ${score === null ? "not scored" : fixed(score)}` +
      Object.entries(components)
        .map(([name, value]) => `, ${name} ${short(value)}`)
        .join(""),
  );
  const values = Array.isArray(curve) ? curve.filter((value) => typeof value === "number") : [];
  const curveLines = Array.from({ length: Math.ceil(values.length / BLOCK) }, (_, block) => {
    const from = block * BLOCK;
    const part = values.slice(from, from + BLOCK);
    const mean = part.reduce((sum, value) => sum + value, 0) / part.length;
    const words = text.slice(offsets[from] ?? 0, offsets[from + BLOCK] ?? text.length);
    return `  ${String(from).padStart(5)}  ${fixed(mean, 2).padStart(6)}  ${words.replaceAll(/\s+/g, " ").trim()}`;
  });
  return [
    `${judge}: ${status}`,
    ...attemptLines,
    ...(typeof implicitRecoveryAt === "number" ? [`  returns to the topic at ${implicitRecoveryAt}`] : []),
    ...(curveLines.length === 0 ? [] : ["  token  nats a token on topic", ...curveLines]),
  ].join("\n");
}
