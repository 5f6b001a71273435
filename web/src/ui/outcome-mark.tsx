import type { Outcome } from "../../../src/server/viewer/api/common.ts";
import { OUTCOME_WORDS } from "../lib/outcomes.ts";

/** Shape, colour and word of an outcome. */
export function OutcomeMark({ outcome }: { outcome: Outcome }) {
  const { label, tone, mark, meaning } = OUTCOME_WORDS[outcome];
  return (
    <span className={`outcome outcome-${tone}`} title={meaning}>
      <span className="outcome-mark" aria-hidden="true">
        {mark}
      </span>{" "}
      {label}
    </span>
  );
}
