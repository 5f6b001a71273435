import type { ArmComparison } from "../../../../src/report/compare.ts";
import { ABSENT, count, fixed, percent, pValue, range, short } from "../../lib/format.ts";
import { roundMax } from "../../lib/scale.ts";
import { Facts } from "../../ui/facts.tsx";
import { IntervalBar } from "../../ui/interval-bar.tsx";

/** Both rates, their difference with its interval, and the tests. */
export function RatesCompared({ comparison }: { comparison: ArmComparison }) {
  const { reference, treatment, rates, scored, pairing, p, mcnemar, permutation } = comparison;
  const { difference } = rates;
  const isPaired = pairing === "paired";
  const most = roundMax([Math.abs(difference.lower ?? 0), Math.abs(difference.upper ?? 0)]);
  const points = `${short(100 * most)} points`;
  return (
    <section className="compare-part">
      <h2>Rates</h2>
      <div className="compare-rates">
        <p>
          <span className="muted">{reference}</span>
          <span className="big-number">{percent(rates.referenceRate)}</span>
          <span className="muted small">of {count(scored.reference)}</span>
        </p>
        <p>
          <span className="muted">{treatment}</span>
          <span className="big-number">{percent(rates.treatmentRate)}</span>
          <span className="muted small">of {count(scored.treatment)}</span>
        </p>
      </div>
      <div className="compare-difference">
        <p>
          <span className="muted">Difference</span>
          <span className="big-number">
            {difference.estimate === null ? ABSENT : fixed(100 * difference.estimate)}
          </span>
          <span className="muted small">
            points, {short(100 * difference.level)} % interval{" "}
            {range(difference.lower, difference.upper, 100)}
          </span>
        </p>
        <div className="difference-axis" aria-hidden="true">
          <IntervalBar {...difference} from={-most} to={most} zero={0} />
          <span className="difference-ends">
            <span>−{points}</span>
            <span>{points}</span>
          </span>
        </div>
      </div>
      <Facts
        facts={[
          ...(isPaired
            ? [
                { name: "Permutation by latent", value: `p ${asP(permutation.p)}, ${method(permutation)}` },
                {
                  name: "McNemar, exact",
                  value: `p ${asP(mcnemar.p)}, as if pairs were independent; ${count(mcnemar.discordant)} discordant`,
                },
                { name: "Left out", value: leftOut(comparison) },
              ]
            : [
                { name: "Unpaired", value: "the arms share no unit, so that this says less" },
                { name: "Student's t by latent", value: `p ${asP(p)}` },
              ]),
          { name: "Success", value: `last score > first score + ${short(comparison.margin)}` },
        ]}
      />
    </section>
  );
}

function asP(p: number): string {
  const text = pValue(p);
  return text.startsWith("<") ? text : `= ${text}`;
}

function method({ method: name, clusters, informativeClusters }: ArmComparison["permutation"]): string {
  return `${name === "exact" ? "exact" : "Monte Carlo"}, ${count(informativeClusters)} of ${count(clusters)} latents differ`;
}

function leftOut({ unscored, unpaired }: ArmComparison): string {
  const parts = [
    [unscored, "units without a score in an arm"],
    [unpaired.reference, "trials of the reference without a partner"],
    [unpaired.treatment, "of the treatment"],
  ] as const;
  const told = parts.filter(([n]) => n > 0).map(([n, words]) => `${count(n)} ${words}`);
  return told.length === 0 ? "nothing" : told.join(", ");
}
