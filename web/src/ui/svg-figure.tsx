/** A drawing of the server in the page, with its data as a table and both as files. */
import { useLayoutEffect, useMemo, useRef } from "react";
import { STANDALONE_STYLE } from "../../../src/report/figures/palette.ts";
import type { ShownFigure } from "../../../src/server/viewer/api/runs.ts";
import { csvText } from "../lib/csv.ts";
import { ABSENT, counted, short } from "../lib/format.ts";
import { parseSvg } from "../lib/safe-svg.ts";
import { saveFile } from "../lib/save-file.ts";
import { Button } from "./button.tsx";
import { DataTable } from "./data-table.tsx";
import { Disclosure } from "./disclosure.tsx";

/** Rows of the data that are shown; a file has all. */
const SHOWN_ROWS = 200;

export function SvgFigure({ figure }: { figure: ShownFigure }) {
  const { name, title, description, svg, columns, rows } = figure;
  return (
    <figure className="figure">
      <Drawing svg={svg} title={title} />
      <figcaption className="figure-caption">
        <h3>{title}</h3>
        <p>{description}</p>
        <Disclosure summary={`Data (${counted(rows.length, "row")})`}>
          {() => <FigureData figure={figure} />}
        </Disclosure>
        <p className="row">
          <Button
            size="small"
            onClick={() => saveFile({ name: `${name}.csv`, type: "text/csv", text: csvText(columns, rows) })}
          >
            CSV
          </Button>
          <Button
            size="small"
            onClick={() => saveFile({ name: `${name}.svg`, type: "image/svg+xml", text: standalone(svg) })}
          >
            SVG
          </Button>
        </p>
      </figcaption>
    </figure>
  );
}

function Drawing({ svg, title }: { svg: string; title: string }) {
  const frame = useRef<HTMLDivElement>(null);
  const drawing = useMemo(() => parseSvg(svg), [svg]);
  useLayoutEffect(() => {
    frame.current?.replaceChildren(...(drawing === null ? [] : [document.adoptNode(drawing)]));
  }, [drawing]);
  if (drawing === null) return <p className="muted">The drawing could not be read; its data can.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="figure-frame" aria-label={title} tabIndex={0}>
      <div ref={frame} />
    </section>
  );
}

function FigureData({ figure: { title, columns, rows } }: { figure: ShownFigure }) {
  const kinds = columns.map((_, i) => (rows.every((row) => typeof row[i] !== "string") ? "number" : "text"));
  const shown = rows.slice(0, SHOWN_ROWS);
  return (
    <>
      <DataTable
        caption={`${title}: data`}
        hideCaption
        columns={columns.map((column, i) => ({ name: column, kind: kinds[i] ?? "text" }))}
        rows={shown.map((row, i) => ({
          key: String(i),
          cells: row.map((cell) => (typeof cell === "number" ? short(cell, 4) : (cell ?? ABSENT))),
        }))}
      />
      {shown.length === rows.length ? null : (
        <p className="small muted">The first {SHOWN_ROWS} rows; the CSV has all.</p>
      )}
    </>
  );
}

/** As a file it brings the style sheet that here is the page's. */
function standalone(svg: string): string {
  return svg.replace("</desc>", () => `</desc><style>${STANDALONE_STYLE}</style>`);
}
