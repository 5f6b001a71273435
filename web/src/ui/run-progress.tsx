/** How far a run is. */
import type { Live } from "../../../src/server/viewer/api/runs.ts";
import { count, counted } from "../lib/format.ts";

const STATES = {
  running: { mark: "●", name: "running" },
  stopped: { mark: "◐", name: "stopped" },
  finished: { mark: "✓", name: "finished" },
};

export function RunProgress({ live }: { live: Live }) {
  const { state, trials, planned, judged, errored } = live;
  const { mark, name } = STATES[state];
  return (
    <span className={`run-progress run-${state}`}>
      <span className="run-state">
        <span aria-hidden="true">{mark}</span> {name}
      </span>
      {planned === null || state === "finished" ? null : (
        <progress max={planned} value={trials} aria-label={`${count(trials)} of ${count(planned)} trials`} />
      )}
      <span className="run-counts">
        {planned === null || planned === trials
          ? counted(trials, "trial")
          : `${count(trials)} of ${counted(planned, "trial")}`}
        , {count(judged)} judged{errored === 0 ? "" : `, ${count(errored)} errored`}
      </span>
    </span>
  );
}
