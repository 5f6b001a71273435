import { Link } from "wouter";
import type { LatentRow } from "../../../../src/server/viewer/api/latents.ts";
import { ABSENT, short, smallShare } from "../../lib/format.ts";
import { links } from "../../lib/links.ts";
import { OddText } from "../../ui/odd-text.tsx";
import { DensityBar } from "./density-bar.tsx";
import { type SortOrder, sortedBy } from "./sort-order.ts";

export interface LatentsTableProps extends SortOrder {
  sae: string;
  rows: readonly LatentRow[];
  onSort: (order: SortOrder) => void;
}

export function LatentsTable({ sae, rows, sort, direction, onSort }: LatentsTableProps) {
  const head = (name: string, by: SortOrder["sort"], className: string) => (
    <th
      scope="col"
      className={className}
      aria-sort={sort === by ? (direction === "up" ? "ascending" : "descending") : undefined}
    >
      <button type="button" className="sort-button" onClick={() => onSort(sortedBy({ sort, direction }, by))}>
        {name}
        <span aria-hidden="true">{sort === by ? (direction === "up" ? " ↑" : " ↓") : ""}</span>
      </button>
    </th>
  );
  return (
    <table className="table latents-table">
      <caption className="visually-hidden">Latents</caption>
      <thead>
        <tr>
          {head("Latent", "latent", "cell-number")}
          {head("Label", "label", "cell-words")}
          {head("Density", "density", "")}
          <th scope="col" className="latent-kind">
            Kind
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ latent, label, density, detectorAuc, concrete }) => (
          <tr key={latent}>
            <th scope="row" className="cell-number">
              <Link href={links.latent(sae, latent)}>{latent}</Link>
            </th>
            <td className="cell-words">
              {label === null ? <span className="muted">no label</span> : <OddText text={label} />}
            </td>
            <td>
              <span className="density">
                <DensityBar density={density} />
                <span className="number">{smallShare(density)}</span>
              </span>
            </td>
            <td className="latent-kind">
              {[
                detectorAuc === null ? [] : [`detector, AUC ${short(detectorAuc, 2)}`],
                concrete === true ? ["concrete"] : [],
              ]
                .flat()
                .join(", ") || ABSENT}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
