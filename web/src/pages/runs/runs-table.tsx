import type { RunRow } from "../../../../src/server/viewer/api/runs.ts";
import { roundMax } from "../../lib/scale.ts";
import { RunsTableRow } from "./runs-table-row.tsx";

/** Runs of which the progress is streamed; a browser opens only six connections to one server. */
const FOLLOWED = 3;

export function RunsTable({ runs }: { runs: readonly RunRow[] }) {
  const followed = new Set(
    runs
      .filter(({ run }) => run?.state === "running")
      .slice(0, FOLLOWED)
      .map(({ id }) => id),
  );
  const most = roundMax(runs.map(({ run }) => run?.multiAttempt.upper ?? null));
  return (
    <table className="table runs-table">
      <caption className="visually-hidden">Runs</caption>
      <thead>
        <tr>
          <th scope="col">Run</th>
          <th scope="col">Progress</th>
          <th scope="col">Multi-attempt, first steered arm</th>
          <th scope="col">
            <span className="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {runs.map((row) => (
          <RunsTableRow key={row.id} row={row} isFollowed={followed.has(row.id)} most={most} />
        ))}
      </tbody>
    </table>
  );
}
