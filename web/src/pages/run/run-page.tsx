/** One run: its rates with every denominator, its figures and comparisons, and what it was made with. Filters stand in the address. */
import { useEffect, useState } from "react";
import { Link, useParams } from "wouter";
import { trialFilterSchema, type ViewFilter } from "../../../../src/server/viewer/api/common.ts";
import { type RunPage as RunAnswer, runPageSchema } from "../../../../src/server/viewer/api/runs.ts";
import { apiPath } from "../../lib/api.ts";
import { count, counted, when } from "../../lib/format.ts";
import { links } from "../../lib/links.ts";
import { useUrlState } from "../../lib/url-state.ts";
import { useApi } from "../../lib/use-api.ts";
import { useLive } from "../../lib/use-live.ts";
import { Page } from "../../ui/page.tsx";
import { RunActions } from "../../ui/run-actions.tsx";
import { RunProgress } from "../../ui/run-progress.tsx";
import { Empty, QueryView } from "../../ui/states.tsx";
import { SvgFigure } from "../../ui/svg-figure.tsx";
import { Comparisons } from "./comparisons.tsx";
import { Denominators } from "./denominators.tsx";
import { Provenance } from "./provenance.tsx";
import { RatesTable } from "./rates-table.tsx";
import { RunFilters } from "./run-filters.tsx";
import { Warnings } from "./warnings.tsx";
import "./run.css";

/** While the run goes on, its tables are made anew after so many milliseconds. */
const EVERY_MS = 30_000;

export default function RunPage() {
  const { run } = useParams<{ run: string }>();
  const [filter, update] = useUrlState(trialFilterSchema);
  const [isRunning, setRunning] = useState(false);
  const page = useApi({
    path: apiPath`/api/runs/${run}`,
    query: { ...filter },
    schema: runPageSchema,
    keep: true,
    ...(isRunning ? { every: EVERY_MS } : {}),
  });
  const row = page.data?.row;
  // asked at once, for the tables may take a while
  const live = useLive(run, row === undefined || row.run?.state === "running");
  const details = row?.run ?? null;
  const now = details === null ? null : { ...details, ...live };
  const state = now?.state;
  useEffect(() => setRunning(state === "running"), [state]);
  return (
    <Page
      title={row?.name ?? "Run"}
      crumbs={[{ name: "Runs", href: links.runs() }]}
      lede={
        details === null ? undefined : (
          <>
            {details.design} · {details.model} ·{" "}
            <span className="nowrap">begun {when(details.createdAt)}</span>
          </>
        )
      }
      actions={
        now === null || row === undefined ? undefined : (
          <>
            <Link className="button button-main" href={links.trials(run, { ...filter })}>
              {page.data?.shown === page.data?.total
                ? "All trials"
                : `${count(page.data?.shown ?? 0)} trials`}
            </Link>
            <RunActions id={run} name={row.name} state={now.state} resumable={now.resumable} />
          </>
        )
      }
    >
      {now === null || now.state === "finished" ? null : <RunProgress live={now} />}
      <QueryView query={page} what="the run">
        {(answer) => (
          <>
            <RunFilters choices={answer.choices} filter={filter} update={update} />
            {answer.shown === answer.total ? null : (
              <p className="run-shown" role="status">
                {count(answer.shown)} of {counted(answer.total, "trial")} pass the filter. All tables and
                figures below are of these.
              </p>
            )}
            {answer.shown === 0 ? (
              <Empty
                title={answer.total === 0 ? "No trial is stored yet." : "No trial passes this filter."}
              />
            ) : (
              <Results run={run} answer={answer} filter={filter} />
            )}
            <Provenance report={answer.report} />
          </>
        )}
      </QueryView>
    </Page>
  );
}

function Results({ run, answer, filter }: { run: string; answer: RunAnswer; filter: ViewFilter }) {
  const { report, figures, row } = answer;
  const { arms, level } = report.summary;
  return (
    <>
      <Warnings report={report} isFinished={row.run?.state === "finished"} />
      <section className="section">
        <h2>Rates</h2>
        <RatesTable run={run} arms={arms} level={level} filter={filter} />
      </section>
      <section className="section">
        <h2>Every denominator</h2>
        <Denominators run={run} arms={arms} filter={filter} />
      </section>
      {figures.length === 0 ? null : (
        <section className="section">
          <h2>Figures</h2>
          {figures.map((figure) => (
            <SvgFigure key={figure.name} figure={figure} />
          ))}
        </section>
      )}
      <Comparisons run={run} report={report} />
    </>
  );
}
