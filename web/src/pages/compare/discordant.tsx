import { Link } from "wouter";
import type { ArmComparison } from "../../../../src/report/compare.ts";
import type { ComparePage } from "../../../../src/server/viewer/api/compare.ts";
import { ABSENT, count, oneLine } from "../../lib/format.ts";
import { links } from "../../lib/links.ts";
import { DataTable } from "../../ui/data-table.tsx";
import { OddText } from "../../ui/odd-text.tsx";
import { OutcomeMark } from "../../ui/outcome-mark.tsx";
import { Empty } from "../../ui/states.tsx";
import type { Sides } from "./compare-state.ts";

export interface DiscordantProps {
  sides: Sides;
  comparison: ArmComparison;
  rows: ComparePage["discordant"];
}

/** Units in which the arms came out differently; each outcome leads to its trial. */
export function Discordant({ sides, comparison, rows }: DiscordantProps) {
  const { reference, treatment, mcnemar, pairing } = comparison;
  const trial = (run: string, side: (typeof rows)[number]["reference"]) => (
    <Link href={links.trial(run, side.key)}>
      <OutcomeMark outcome={side.outcome} />
    </Link>
  );
  return (
    <section className="section">
      <h2>Units that differ</h2>
      {rows.length === 0 ? (
        <Empty
          size="small"
          title={
            pairing === "paired"
              ? "In no unit do the arms come out differently."
              : "Unpaired arms share no unit."
          }
        />
      ) : (
        <DataTable
          caption={
            rows.length < mcnemar.discordant
              ? `The first ${count(rows.length)} of ${count(mcnemar.discordant)}. An outcome leads to its trial.`
              : "An outcome leads to its trial."
          }
          columns={[
            { name: "Latent" },
            { name: "Prompt", kind: "words" },
            { name: reference },
            { name: treatment },
          ]}
          rows={sorted(rows).map((row) => ({
            key: row.unit,
            cells: [
              <span key="latent" className="unit-latent">
                <span className="number">{row.latent ?? ABSENT}</span>
                {row.label === null ? null : (
                  <span className="muted small">
                    <OddText text={oneLine(row.label, 60)} />
                  </span>
                )}
              </span>,
              <OddText key="prompt" text={oneLine(row.prompt, 160)} />,
              trial(sides.reference.run, row.reference),
              trial(sides.treatment.run, row.treatment),
            ],
          }))}
        />
      )}
    </section>
  );
}

/** Units of one latent stand together. */
function sorted(rows: DiscordantProps["rows"]): DiscordantProps["rows"] {
  return rows.toSorted((a, b) => (a.latent ?? -1) - (b.latent ?? -1) || a.prompt.localeCompare(b.prompt));
}
