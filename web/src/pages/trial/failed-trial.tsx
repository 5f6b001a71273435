import { visibleText } from "../../../../src/report/visible-text.ts";
import { problemSchema } from "../../../../src/server/viewer/api/common.ts";
import { ProblemNote } from "../../ui/states.tsx";

/** A trial without a response: why there is none. */
export function FailedTrial({ error }: { error: unknown }) {
  const told = problemSchema.safeParse(pickTold(error));
  return (
    <section className="failed-trial">
      <h2>This trial failed: there is no response</h2>
      {told.success ? (
        <ProblemNote problem={told.data} />
      ) : (
        <pre>{visibleText(typeof error === "string" ? error : JSON.stringify(error, null, 2))}</pre>
      )}
      <p className="muted">It counts as errored, and is in no rate. Resuming the run tries it again.</p>
    </section>
  );
}

function pickTold(error: unknown): unknown {
  if (typeof error !== "object" || error === null) return error;
  const { code, what, why, todo } = error as Record<string, unknown>; // whatever they are, the schema checks them
  return { code, what, why, todo };
}
