/** The look of a table: scrolls sideways within itself, by keyboard too. */
import { type ReactNode, useId } from "react";

export interface Column {
  /** Header. */
  name: ReactNode;
  /** `number` stands at the right; `words` may wrap. @default "text" */
  kind?: "text" | "number" | "words";
  /** What the header means. */
  title?: string;
}

export interface TableRow {
  key: string;
  /** The first cell heads the row. */
  cells: readonly ReactNode[];
}

export interface DataTableProps {
  caption: string;
  /** Keeps the caption for screen readers only. @default false */
  hideCaption?: boolean;
  /** `sticky` keeps the first column in sight. @default "plain" */
  look?: "plain" | "sticky";
  columns: readonly Column[];
  rows: readonly TableRow[];
}

export function DataTable({ caption, hideCaption = false, look = "plain", columns, rows }: DataTableProps) {
  const id = useId();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="table-scroll" aria-labelledby={id} tabIndex={0}>
      <table className={`table table-${look}`}>
        <caption id={id} className={hideCaption ? "visually-hidden" : ""}>
          <span>{caption}</span>
        </caption>
        <thead>
          <tr>
            {columns.map(({ name, kind = "text", title }, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns do not move
              <th key={i} scope="col" className={`cell-${kind}`} title={title}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells }) => (
            <tr key={key}>
              {cells.map((cell, i) => {
                const className = `cell-${columns[i]?.kind ?? "text"}`;
                return i === 0 ? (
                  // biome-ignore lint/suspicious/noArrayIndexKey: columns do not move
                  <th key={i} scope="row" className={className}>
                    {cell}
                  </th>
                ) : (
                  // biome-ignore lint/suspicious/noArrayIndexKey: columns do not move
                  <td key={i} className={className}>
                    {cell}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
