import type { ArmComparison } from "../../../../src/report/compare.ts";
import { count, counted } from "../../lib/format.ts";

/** The pairs by what became of each half. The shaded cells are the pairs that speak. */
export function PairedTable({ comparison }: { comparison: ArmComparison }) {
  const { reference, treatment, table, pairs, outcome } = comparison;
  const name = outcome === "esr" ? "ESR success" : "multi-attempt";
  const cell = (value: number, isDiscordant: boolean) => (
    <td className={`cell-number ${isDiscordant ? "discordant-cell" : ""}`}>
      <span className="big-number">{count(value)}</span>
      {isDiscordant ? <span className="visually-hidden"> discordant</span> : null}
    </td>
  );
  return (
    <section className="compare-part">
      <h2>Pairs</h2>
      <table className="paired-table">
        <caption>
          {counted(pairs, "unit")} scored in both arms; “{name}” and not. Shaded: the arms differ.
        </caption>
        <thead>
          <tr>
            <td />
            <th scope="col">{treatment}: yes</th>
            <th scope="col">{treatment}: no</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{reference}: yes</th>
            {cell(table.both, false)}
            {cell(table.onlyFirst, true)}
          </tr>
          <tr>
            <th scope="row">{reference}: no</th>
            {cell(table.onlySecond, true)}
            {cell(table.neither, false)}
          </tr>
        </tbody>
      </table>
    </section>
  );
}
