/** Two arms, of one run or of two: what differs, how surely, and in which trials. */
import { comparePageSchema } from "../../../../src/server/viewer/api/compare.ts";
import { runListSchema } from "../../../../src/server/viewer/api/runs.ts";
import { isProblem } from "../../lib/api-problem.ts";
import { useUrlState } from "../../lib/url-state.ts";
import { useApi } from "../../lib/use-api.ts";
import { Button } from "../../ui/button.tsx";
import { Page } from "../../ui/page.tsx";
import { Empty, ProblemNote, QueryView } from "../../ui/states.tsx";
import { CompareChoice } from "./compare-choice.tsx";
import {
  type CompareState,
  compareStateSchema,
  isSame,
  named,
  type Sides,
  sidesOf,
} from "./compare-state.ts";
import { Discordant } from "./discordant.tsx";
import { PairedTable } from "./paired-table.tsx";
import { RatesCompared } from "./rates-compared.tsx";
import { Verdict } from "./verdict.tsx";
import "./compare.css";

export default function ComparePage() {
  const [state, update] = useUrlState(compareStateSchema);
  const list = useApi({ path: "/api/runs", schema: runListSchema });
  return (
    <Page
      title="Compare"
      lede="Two arms over the units that both have: same latent, strength, prompt and seed."
    >
      <QueryView query={list} what="runs">
        {({ runs }) => {
          const sides = sidesOf(state, runs);
          if (sides === null) return <Empty title="There is no run to compare yet." />;
          return (
            <>
              <CompareChoice runs={runs} sides={sides} outcome={state.outcome} update={update} />
              <Compared
                sides={sides}
                state={state}
                onAllow={() => update({ ...named(sides), allow: "all" }, { push: true })}
              />
            </>
          );
        }}
      </QueryView>
    </Page>
  );
}

interface ComparedProps {
  sides: Sides;
  state: CompareState;
  onAllow: () => void;
}

function Compared({ sides, state: { outcome, allow }, onAllow }: ComparedProps) {
  const { reference, treatment } = sides;
  const canCompare = reference.arm !== null && treatment.arm !== null && !isSame(sides);
  const query = useApi({
    path: "/api/compare",
    query: {
      run: reference.run,
      arm: reference.arm,
      run2: treatment.run === reference.run ? undefined : treatment.run,
      arm2: treatment.arm,
      outcome,
      allow,
    },
    schema: comparePageSchema,
    enabled: canCompare,
    keep: true,
  });
  if (!canCompare) return <Empty title="Choose two different arms." />;
  if (isProblem(query.error, "RUNS_UNEQUAL")) {
    return (
      <ProblemNote problem={query.error}>
        <p className="row">
          <Button onClick={onAllow}>Compare anyway</Button>
          <span className="muted small">The result then names the differences.</span>
        </p>
      </ProblemNote>
    );
  }
  return (
    <QueryView query={query} what="the comparison">
      {({ comparison, discordant }) => (
        <>
          <Verdict comparison={comparison} />
          <div className="compare-grid">
            <RatesCompared comparison={comparison} />
            {comparison.pairing === "paired" ? <PairedTable comparison={comparison} /> : null}
          </div>
          <Discordant sides={sides} comparison={comparison} rows={discordant} />
        </>
      )}
    </QueryView>
  );
}
