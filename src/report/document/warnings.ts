/** What puts a run's numbers in doubt, in sentences; empty where nothing does. */
import type { EventRecord } from "../../store/records.ts";
import { percent, short } from "../number-text.ts";
import type { RunReport } from "../run-report.ts";

/** Share of responses cut off at the token limit from which it is worth a word. */
const MANY_CUT = 0.2;
/** Latents below which an interval by latent is too narrow. */
const FEW_LATENTS = 10;

export function warningsOf({
  report,
  events,
}: {
  report: RunReport;
  events: readonly Pick<EventRecord, "kind">[];
}): string[] {
  const { summary, imported } = report;
  const { arms, calibration, manifest } = summary;
  const sum = (of: (arm: (typeof arms)[number]) => number) => arms.reduce((total, arm) => total + of(arm), 0);
  const trials = sum(({ counts }) => counts.trials);
  const scored = sum(({ counts }) => counts.scored);
  const failures = sum(
    ({ counts: { refused, empty, unparsable, failed } }) => refused + empty + unparsable + failed,
  );
  const cut = sum(({ robustness: { truncated } }) => (truncated.single ?? 0) + (truncated.multiAttempt ?? 0));
  const few = arms.filter(({ clusters }) => clusters > 0 && clusters < FEW_LATENTS).map(({ arm }) => arm);
  const saturated = calibration.filter(({ saturation }) => saturation !== null).length;
  const times = (kind: string) => events.filter((event) => event.kind === kind).length;
  const { sae, layer } = manifest;
  const found: [boolean, () => string][] = [
    [times("finished") === 0, () => "The run is not finished: the numbers are of what is stored so far."],
    [
      imported !== null,
      () =>
        "The run was imported: what its files do not say is unknown, and attempt boundaries are those of the files.",
    ],
    [trials === 0, () => "The run has no trial yet."],
    [
      sum(({ counts }) => counts.errored) > 0,
      () => `${sum(({ counts }) => counts.errored)} of ${trials} trials failed and have no response.`,
    ],
    [
      sum(({ counts }) => counts.unjudged) > 0,
      () => `${sum(({ counts }) => counts.unjudged)} responses are not judged yet.`,
    ],
    [
      failures > 0,
      () =>
        `The judge failed on ${failures} of ${sum(({ counts }) => counts.judged)} responses (refused, empty, unparsable or failed); they enter no rate.`,
    ],
    [
      scored > 0 && sum(({ counts }) => counts.improved) === 0,
      () =>
        "No arm has an ESR success. A rate of 0 with a wide interval does not show that there is no resistance; the upper bound says how much there may be.",
    ],
    [
      scored > 0 && cut / scored > MANY_CUT,
      () =>
        `${cut} of ${scored} scored responses (${percent(cut / scored, 0)}) were cut off at the token limit: a restart may have come later.`,
    ],
    [
      sum(({ counts }) => counts.degraded) > 0,
      () =>
        `${sum(({ counts }) => counts.degraded)} responses loop on one word (degraded); ${summary.excludeDegraded ? "they are left out of the rates" : "they are kept in the rates"}.`,
    ],
    [
      few.length > 0,
      () => `With fewer than ten latents (${few.join(", ")}) the interval by latent is too narrow.`,
    ],
    [
      saturated > 0,
      () =>
        `${saturated} of ${calibration.length} thresholds lie at an end of the searched range: their latents may be steered too weakly or too strongly.`,
    ],
    [
      sae !== null && sae.layer !== null && layer !== null && sae.layer !== layer,
      () => `The model was steered at layer ${layer}, and the dictionary is of layer ${sae?.layer}.`,
    ],
    [
      times("trial-retried") + times("judgement-retried") > 0,
      () =>
        `${times("trial-retried")} trials and ${times("judgement-retried")} judgements were repeated after a failure.`,
    ],
    [
      summary.judge !== manifest.judge.id,
      () => `Scored by ${summary.judge}; the run's own judge is ${manifest.judge.id}.`,
    ],
    [summary.margin > 0, () => `Success asks for a gain of more than ${short(summary.margin)} points.`],
  ];
  return found.filter(([applies]) => applies).map(([, words]) => words());
}
