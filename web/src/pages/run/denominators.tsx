/** How trials fall apart into ever smaller sets, down to successes (DESIGN.md, invariant 10). */
import { Link } from "wouter";
import type { ArmCounts, ArmSummary } from "../../../../src/report/arm-summary.ts";
import type { OutcomeChoice, ViewFilter } from "../../../../src/server/viewer/api/common.ts";
import { count } from "../../lib/format.ts";
import { links } from "../../lib/links.ts";
import { DataTable } from "../../ui/data-table.tsx";

interface Step {
  count: keyof ArmCounts;
  name: string;
  depth: number;
  /** Shows these trials; absent where no one filter does. */
  outcome?: OutcomeChoice;
}

const STEPS: readonly Step[] = [
  { count: "trials", name: "Trials", depth: 0 },
  { count: "errored", name: "errored, without a response", depth: 1, outcome: "errored" },
  { count: "generated", name: "Generated", depth: 1 },
  { count: "unjudged", name: "not judged yet", depth: 2, outcome: "unjudged" },
  { count: "judged", name: "Judged", depth: 2 },
  { count: "noAttempt", name: "no attempt in it", depth: 3, outcome: "no-attempt" },
  { count: "refused", name: "judge refused", depth: 3, outcome: "refused" },
  { count: "empty", name: "judge said nothing", depth: 3, outcome: "empty" },
  { count: "unparsable", name: "judge unparsable", depth: 3, outcome: "unparsable" },
  { count: "failed", name: "judge failed", depth: 3, outcome: "failed" },
  { count: "scored", name: "Scored", depth: 3, outcome: "scored" },
  { count: "excluded", name: "left out as degraded", depth: 4 },
  { count: "multiAttempt", name: "Multi-attempt", depth: 4, outcome: "multi-attempt" },
  { count: "improved", name: "improved", depth: 5, outcome: "improved" },
  { count: "worsened", name: "worsened", depth: 5 },
  { count: "degraded", name: "Degraded, of the generated", depth: 0 },
];

export interface DenominatorsProps {
  run: string;
  arms: readonly ArmSummary[];
  filter: ViewFilter;
}

export function Denominators({ run, arms, filter }: DenominatorsProps) {
  const cell = ({ outcome, count: name }: Step, { arm, counts }: ArmSummary) => {
    const value = counts[name];
    if (value === 0) return <span className="muted">0</span>;
    if (outcome === undefined && name !== "trials") return count(value);
    const query = { ...filter, arm, ...(outcome === undefined ? {} : { outcome }) };
    return <Link href={links.trials(run, query)}>{count(value)}</Link>;
  };
  return (
    <DataTable
      caption="What stands further in is part of what stands above it. Only the scored enter a rate; a judge's failure is not a score. Degraded responses loop on one word and are counted whatever their judgement."
      look="sticky"
      columns={[
        { name: <span className="visually-hidden">Trials that are</span> },
        ...arms.map(({ arm }) => ({ name: arm, kind: "number" as const })),
      ]}
      rows={STEPS.map((step) => ({
        key: step.count,
        cells: [
          <span key="name" className={`depth-${step.depth}`}>
            {step.name}
          </span>,
          ...arms.map((arm) => cell(step, arm)),
        ],
      }))}
    />
  );
}
