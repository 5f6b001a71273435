import { warningsOf } from "../../../../src/report/document/warnings.ts";
import type { RunReport } from "../../../../src/report/run-report.ts";

/** What puts the numbers in doubt. Repeated trials are told by the written report alone, which has the run's events. */
export function Warnings({ report, isFinished }: { report: RunReport; isFinished: boolean }) {
  const warnings = warningsOf({ report, events: isFinished ? [{ kind: "finished" }] : [] });
  if (warnings.length === 0) return null;
  return (
    <aside className="warnings" aria-label="What to mind">
      <ul>
        {warnings.map((warning) => (
          <li key={warning}>{warning}</li>
        ))}
      </ul>
    </aside>
  );
}
