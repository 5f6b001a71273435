/** The comparisons that the run declares, a family a design, or its arms against the first. */
import { Link } from "wouter";
import type { ArmComparison } from "../../../../src/report/compare.ts";
import type { Family, FamilyRow } from "../../../../src/report/families.ts";
import type { RunReport } from "../../../../src/report/run-report.ts";
import { count, fixed, pValue, range } from "../../lib/format.ts";
import { links } from "../../lib/links.ts";
import { roundMax } from "../../lib/scale.ts";
import { DataTable } from "../../ui/data-table.tsx";
import { IntervalBar } from "../../ui/interval-bar.tsx";

export function Comparisons({ run, report }: { run: string; report: RunReport }) {
  const { families, comparisons } = report;
  if (families.length === 0 && comparisons.length === 0) return null;
  return (
    <section className="section">
      <h2>Comparisons</h2>
      {comparisons.map((comparison) => (
        <Sentence key={`${comparison.reference} ${comparison.treatment}`} run={run} comparison={comparison} />
      ))}
      {families.map((family) => (
        <FamilyTable key={family.design} run={run} family={family} />
      ))}
    </section>
  );
}

function Sentence({ run, comparison }: { run: string; comparison: ArmComparison }) {
  const { reference, treatment, outcome, sentence } = comparison;
  return (
    <p>
      {sentence}.{" "}
      <Link href={links.compare({ run, arm: reference, arm2: treatment, outcome })}>Which units differ</Link>
    </p>
  );
}

const isRate = (outcome: FamilyRow["outcome"]) => outcome === "multi-attempt" || outcome === "esr";

function FamilyTable({ run, family: { design, rows, absent } }: { run: string; family: Family }) {
  const most = roundMax(
    rows.flatMap(({ difference: { lower, upper } }) => [Math.abs(lower ?? 0), Math.abs(upper ?? 0)]),
  );
  const value = (number: number | null, { outcome }: FamilyRow) =>
    `${fixed(number)}${number !== null && isRate(outcome) ? " %" : ""}`;
  return (
    <>
      {rows.length === 0 ? (
        <p>No comparison of {design} has a pair of scored trials.</p>
      ) : (
        <DataTable
          caption={`${design}: paired by unit, intervals and p by latent; Holm over ${rows.length === 1 ? "one test" : `${rows.length} tests`}.`}
          look="sticky"
          columns={[
            { name: "Treatment" },
            { name: "Reference" },
            { name: "Measure" },
            { name: "Treatment", kind: "number" },
            { name: "Reference", kind: "number" },
            { name: "Difference in points" },
            { name: `−${most} to ${most}` },
            { name: "Pairs", kind: "number" },
            { name: "p", kind: "number" },
            { name: "p, Holm", kind: "number" },
            { name: <span className="visually-hidden">Units</span> },
          ]}
          rows={rows.map((row) => ({
            key: `${row.treatment} ${row.reference} ${row.outcome}`,
            cells: [
              row.treatment,
              row.reference,
              row.outcome,
              value(row.values.treatment, row),
              value(row.values.reference, row),
              <span className="rate" key="difference">
                <span className="rate-value">{fixed(row.difference.estimate)}</span>{" "}
                <span className="rate-interval">{range(row.difference.lower, row.difference.upper)}</span>
              </span>,
              <IntervalBar key="bar" {...row.difference} from={-most} to={most} zero={0} />,
              count(row.pairs),
              pValue(row.p),
              pValue(row.pHolm),
              isRate(row.outcome) ? (
                <Link
                  key="link"
                  aria-label={`Units of ${row.treatment} against ${row.reference}, ${row.outcome}`}
                  href={links.compare({ run, arm: row.reference, arm2: row.treatment, outcome: row.outcome })}
                >
                  units
                </Link>
              ) : null,
            ],
          }))}
        />
      )}
      {absent.length === 0 ? null : (
        <p className="small muted">
          Without a pair of scored trials:{" "}
          {absent.map((each) => `${each.treatment} against ${each.reference} (${each.outcome})`).join(", ")}.
        </p>
      )}
    </>
  );
}
