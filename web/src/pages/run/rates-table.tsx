import { Link } from "wouter";
import type { ArmSummary, RateSummary } from "../../../../src/report/arm-summary.ts";
import type { OutcomeChoice, ViewFilter } from "../../../../src/server/viewer/api/common.ts";
import { count, fixed, range, short } from "../../lib/format.ts";
import { links } from "../../lib/links.ts";
import { roundMax } from "../../lib/scale.ts";
import { DataTable } from "../../ui/data-table.tsx";
import { IntervalBar } from "../../ui/interval-bar.tsx";
import { Rate } from "../../ui/rate.tsx";

export interface RatesTableProps {
  run: string;
  arms: readonly ArmSummary[];
  level: number;
  /** Goes on to the trials that a rate links. */
  filter: ViewFilter;
}

/** A rate leads to the trials that it counts. */
export function RatesTable({ run, arms, level, filter }: RatesTableProps) {
  const most = roundMax(arms.map(({ multiAttempt }) => multiAttempt.byLatent.upper));
  const interval = `${short(100 * level)} % interval by latent`;
  const rate = (arm: string, { byLatent, ...rest }: RateSummary, outcome: OutcomeChoice) => (
    <Link className="rate-link" href={links.trials(run, { ...filter, arm, outcome })}>
      <Rate rate={{ ...rest, lower: byLatent.lower, upper: byLatent.upper }} interval={interval} />
    </Link>
  );
  return (
    <DataTable
      caption={`Value, ${interval}, and successes of scored trials. A rate leads to the trials that it counts.`}
      look="sticky"
      columns={[
        { name: "Arm" },
        { name: "Multi-attempt", title: "Trials with at least two scored attempts, of the scored" },
        {
          name: (
            <>
              <span className="visually-hidden">Drawn, </span>0 to {short(100 * most)} %
            </>
          ),
        },
        {
          name: "ESR",
          title: "Multi-attempt trials whose last attempt scores more than the first, of the scored",
        },
        { name: "Improved of multi-attempt" },
        { name: "First score", title: "Mean score of the first attempt, 0 to 100" },
        { name: "Latents", kind: "number" },
        { name: "Dose", kind: "number", title: "Mean of |h' - h| / |h| over the rows that were edited" },
      ]}
      rows={arms.map(({ arm, multiAttempt, esr, improvement, firstScore, clusters, dose }) => ({
        key: arm,
        cells: [
          arm,
          rate(arm, multiAttempt, "multi-attempt"),
          multiAttempt.n === 0 ? null : (
            <IntervalBar
              key="bar"
              estimate={multiAttempt.estimate}
              lower={multiAttempt.byLatent.lower}
              upper={multiAttempt.byLatent.upper}
              to={most}
            />
          ),
          rate(arm, esr, "improved"),
          rate(arm, improvement, "improved"),
          <span className="rate" key="first">
            <span className="rate-value">{fixed(firstScore.estimate)}</span>{" "}
            <span className="rate-interval">{range(firstScore.lower, firstScore.upper)}</span>
          </span>,
          count(clusters),
          fixed(dose.mean, 2),
        ],
      }))}
    />
  );
}
