/** One trial, laid out: the reading (two where an arm stands beside), what was done, and what judges say. */
import { useMemo } from "react";
import { Link } from "wouter";
import { visibleText } from "../../../../src/report/visible-text.ts";
import { type TrialDetail, trialDetailSchema } from "../../../../src/server/viewer/api/trials.ts";
import { apiPath } from "../../lib/api.ts";
import { count, counted, when } from "../../lib/format.ts";
import { links } from "../../lib/links.ts";
import { OUTCOME_WORDS } from "../../lib/outcomes.ts";
import type { UpdateUrl } from "../../lib/url-state.ts";
import { useApi } from "../../lib/use-api.ts";
import { Facts } from "../../ui/facts.tsx";
import { OutcomeMark } from "../../ui/outcome-mark.tsx";
import { ProblemNote, QueryView } from "../../ui/states.tsx";
import { tableQuery } from "../trials/trials-state.ts";
import { CurveControls } from "./curve-controls.tsx";
import { chosenCurve, curveChoices, sameCurve } from "./curves.ts";
import { FailedTrial } from "./failed-trial.tsx";
import { Judgements } from "./judgements.tsx";
import { domainOf } from "./line-path.ts";
import { contentSchema } from "./made.ts";
import { MadeSection } from "./made-section.tsx";
import { MarkedText } from "./marked-text.tsx";
import { Reading } from "./reading.tsx";
import { latentScale, type Scale, topicalityScale } from "./tones.ts";
import type { TrialState } from "./trial-state.ts";
import { type ShownCurve, useCurve } from "./use-curve.ts";

export interface TrialViewProps {
  run: string;
  detail: TrialDetail;
  state: TrialState;
  update: UpdateUrl<TrialState>;
  pinned: number | null;
  onPin: (token: number | null) => void;
}

export function TrialView({ run, detail, state, update, pinned, onPin }: TrialViewProps) {
  const { trial, judgements, paired, made } = detail;
  const content = useMemo(() => contentSchema.parse(made.content), [made]);
  const choices = useMemo(() => curveChoices(detail), [detail]);
  const choice = chosenCurve(choices, state.curve);
  const window = state.smooth ?? (choice?.kind === "topicality" ? 5 : 1);
  const curve = useCurve({ run, trial, choice, window });

  const pair = paired.find(({ arm }) => arm === state.beside);
  const besideQuery = useApi({
    path: apiPath`/api/runs/${run}/trials/${pair?.key ?? ""}`,
    query: { judge: state.judge },
    schema: trialDetailSchema,
    enabled: pair !== undefined,
    keep: true,
  });
  const beside = pair === undefined ? undefined : besideQuery.data;
  const besideChoice = useMemo(
    () => (beside === undefined ? null : sameCurve(curveChoices(beside), choice)),
    [beside, choice],
  );
  const besideCurve = useCurve({ run, trial: beside?.trial, choice: besideChoice, window });
  const { scale, domain } = useScale({
    kind: choice?.kind ?? null,
    window,
    curves: [curve.values, besideCurve.values],
  });
  const search = state.search ?? "";

  return (
    <>
      <section aria-labelledby="prompt-heading" className="prompt">
        <h2 id="prompt-heading">Prompt</h2>
        <p className="prompt-text" dir="auto">
          <MarkedText text={trial.prompt} search={search} />
        </p>
      </section>
      {trial.error === null ? (
        <>
          <CurveControls {...{ choices, window, scale, judgements, paired, state, update }} curve={choice} />
          <div className="readings" data-beside={pair !== undefined || undefined}>
            <section aria-label={`Response of ${trial.arm}`}>
              <ReadingHead detail={detail} />
              <CurveProblem curve={curve} />
              <Reading
                {...{ trial, content, curve, scale, domain, search, pinned, onPin }}
                judgement={judgements[0]}
              />
            </section>
            {pair === undefined ? null : (
              <section aria-label={`Response of ${pair.arm}, beside`}>
                <QueryView query={besideQuery} what={`the trial of ${visibleText(pair.arm)}`}>
                  {(other) => (
                    <>
                      <ReadingHead
                        detail={other}
                        href={links.trial(run, other.trial.key, {
                          ...tableQuery(state),
                          curve: state.curve,
                          beside: trial.arm,
                        })}
                      />
                      <CurveProblem curve={besideCurve} />
                      {choice !== null && besideChoice === null && other.trial.error === null ? (
                        <p className="given-note">This arm has no record of what colours the other.</p>
                      ) : null}
                      {other.trial.error === null ? (
                        <BesideReading
                          key={other.trial.key}
                          {...{ detail: other, curve: besideCurve, domain, search }}
                          scale={besideChoice === null ? null : scale}
                        />
                      ) : (
                        <FailedTrial error={other.trial.error} />
                      )}
                    </>
                  )}
                </QueryView>
              </section>
            )}
          </div>
        </>
      ) : (
        <FailedTrial error={trial.error} />
      )}
      <div className="trial-below">
        <section className="section">
          <h2>What was done</h2>
          <MadeSection trial={trial} content={content} />
          <TrialFacts detail={detail} />
        </section>
        <section className="section">
          <h2>Judgements</h2>
          <Judgements judgements={judgements} text={trial.text} />
        </section>
      </div>
    </>
  );
}

function BesideReading({
  detail,
  ...rest
}: { detail: TrialDetail } & Pick<Parameters<typeof Reading>[0], "curve" | "scale" | "domain" | "search">) {
  const content = useMemo(() => contentSchema.parse(detail.made.content), [detail]);
  return (
    <Reading
      {...rest}
      trial={detail.trial}
      content={content}
      judgement={detail.judgements[0]}
      pinned={null}
      onPin={ignore}
    />
  );
}

function ignore(): void {}

function useScale({
  kind,
  window,
  curves: [curve, beside],
}: {
  kind: "topicality" | "latent" | null;
  window: number;
  curves: readonly [ShownCurve["values"], ShownCurve["values"]];
}): { scale: Scale | null; domain: { low: number; high: number } } {
  return useMemo(() => {
    const domain = domainOf([curve, beside]);
    const max = [...curve, ...beside].reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
    const scale =
      kind === null
        ? null
        : kind === "latent"
          ? latentScale({ max })
          : topicalityScale({ smoothed: window > 1 });
    return { scale, domain };
  }, [kind, window, curve, beside]);
}

function ReadingHead({ detail: { trial, outcome }, href }: { detail: TrialDetail; href?: string }) {
  const { arm, degraded, offsets, finish } = trial;
  return (
    <header className="reading-head">
      <h2>{href === undefined ? visibleText(arm) : <Link href={href}>{visibleText(arm)}</Link>}</h2>
      <OutcomeMark outcome={outcome} />
      <span className="muted">{OUTCOME_WORDS[outcome].meaning}</span>
      {degraded ? (
        <span className="tag" title="one word stands five times in a row or more">
          degraded: one word loops
        </span>
      ) : null}
      <span className="muted reading-tokens">
        {counted(offsets.length, "token")}
        {finish === "length" ? ", cut off at the limit" : ""}
      </span>
    </header>
  );
}

function CurveProblem({ curve: { error } }: { curve: ShownCurve }) {
  return error === null ? null : <ProblemNote problem={error} />;
}

function TrialFacts({ detail: { trial } }: { detail: TrialDetail }) {
  const { key, unit, seed, promptIndex, promptTokens, createdAt, finish } = trial;
  return (
    <Facts
      facts={[
        { name: "Key", value: <code>{key}</code> },
        { name: "Unit", value: <code>{visibleText(unit)}</code> },
        { name: "Seed", value: String(seed) },
        { name: "Prompt", value: `number ${promptIndex}, ${count(promptTokens)} tokens with template` },
        ...(finish === null ? [] : [{ name: "Ended by", value: FINISH_WORDS[finish] ?? finish }]),
        { name: "Made", value: when(createdAt) },
      ]}
    />
  );
}

const FINISH_WORDS: Readonly<Record<string, string>> = {
  stop: "the model itself",
  length: "the limit of tokens",
  "stop-string": "a stop string",
  unknown: "unknown: imported",
};
