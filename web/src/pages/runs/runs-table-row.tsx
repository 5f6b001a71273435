import { Link } from "wouter";
import type { RunRow } from "../../../../src/server/viewer/api/runs.ts";
import { when } from "../../lib/format.ts";
import { links } from "../../lib/links.ts";
import { useLive } from "../../lib/use-live.ts";
import { IntervalBar } from "../../ui/interval-bar.tsx";
import { Rate } from "../../ui/rate.tsx";
import { RunActions } from "../../ui/run-actions.tsx";
import { RunProgress } from "../../ui/run-progress.tsx";
import { ProblemNote } from "../../ui/states.tsx";
import { ArmList } from "./arm-list.tsx";

export interface RunsTableRowProps {
  row: RunRow;
  isFollowed: boolean;
  /** End of the axis of rates. */
  most: number;
}

export function RunsTableRow({ row: { id, name, run, problem }, isFollowed, most }: RunsTableRowProps) {
  const live = useLive(id, isFollowed);
  if (run === null) {
    return (
      <tr>
        <th scope="row">
          <span className="run-name">{name}</span>
        </th>
        <td colSpan={3} className="cell-words">
          {problem === null ? "This run can't be read." : <ProblemNote problem={problem} />}
        </td>
      </tr>
    );
  }
  const now = { ...run, ...live };
  return (
    <tr>
      <th scope="row" className="run-cell">
        <Link className="run-name" href={links.run(id)}>
          {name}
        </Link>
        <span className="run-design">
          {run.design}
          {run.preset === null ? null : `, preset ${run.preset}`} · {run.model}
        </span>
        <ArmList arms={run.arms} />
        <span className="run-when">{when(run.createdAt)}</span>
      </th>
      <td data-label="Progress">
        <RunProgress live={now} />
      </td>
      <td data-label="Multi-attempt, first steered arm">
        <span className="run-rate">
          <Rate rate={now.multiAttempt} />
          {now.multiAttempt.n === 0 ? null : <IntervalBar {...now.multiAttempt} to={most} />}
        </span>
      </td>
      <td className="run-actions">
        <RunActions id={id} name={name} state={now.state} resumable={run.resumable} />
      </td>
    </tr>
  );
}
