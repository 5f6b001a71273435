import type { ArmComparison } from "../../../../src/report/compare.ts";
import { OddText } from "../../ui/odd-text.tsx";

const MARKS = { higher: "▲", lower: "▼", equivalent: "=", "cannot-tell": "?" };

/** The one sentence; and in what the runs differ although it was allowed. */
export function Verdict({ comparison: { verdict, sentence, differences } }: { comparison: ArmComparison }) {
  return (
    <div className={`verdict verdict-${verdict.verdict}`}>
      <span className="verdict-mark" aria-hidden="true">
        {MARKS[verdict.verdict]}
      </span>
      <div className="stack">
        <p className="verdict-text" role="status">
          <OddText text={sentence} />.
        </p>
        {differences.length === 0 ? null : (
          <>
            <p>The runs differ, which was allowed here:</p>
            <ul>
              {differences.map(({ field, values }) => (
                <li key={field}>
                  {field}: {values.map(({ name, value }) => `${shown(value)} in ${name}`).join(", ")}
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </div>
  );
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
