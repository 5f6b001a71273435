/** One question, answered with and without steering, side by side while it is written. */
import { useEffect, useMemo, useState } from "react";
import { type Playground, playgroundSchema, SIDES } from "../../../../src/server/viewer/api/playground.ts";
import { readState } from "../../lib/query-state.ts";
import { readToken } from "../../lib/token.ts";
import { useUrlState } from "../../lib/url-state.ts";
import { useApi } from "../../lib/use-api.ts";
import { Page } from "../../ui/page.tsx";
import { Empty, ProblemNote, QueryView } from "../../ui/states.tsx";
import { TokenForm } from "../../ui/token-form.tsx";
import { AnswerColumn } from "./answer-column.tsx";
import { type AnswerState, statusWords } from "./answer-state.ts";
import { formSchema, requestOf } from "./form-state.ts";
import { PlaygroundForm } from "./playground-form.tsx";
import { type FinishedAnswer, SaveSet } from "./save-set.tsx";
import { sharedAxes } from "./shared-axes.ts";
import { useAnswer } from "./use-answer.ts";
import "./playground.css";

export default function PlaygroundPage() {
  const query = useApi({ path: "/api/playground", schema: playgroundSchema });
  return (
    <Page
      title="Playground"
      width="wide"
      lede="One question, answered twice by the same model with the same random numbers: steered, and not."
    >
      <QueryView query={query} what="the playground">
        {(shown) => <Workbench shown={shown} />}
      </QueryView>
    </Page>
  );
}

function Workbench({ shown }: { shown: Playground }) {
  const [form, update] = useUrlState(formSchema);
  const { state, ask, stop } = useAnswer();
  const [lacks, setLacks] = useState("");
  const finished = useFinished(state);
  const isRunning = state.phase === "running";
  useEscape(isRunning, stop);
  const run = () => {
    // from the address and not from the last render: a field that was just left has told it already
    const asked = requestOf(readState(formSchema, window.location.search), shown);
    setLacks(asked.lacks ?? "");
    if (asked.request !== null) ask(asked.request);
  };
  return (
    <div className="play">
      <div className="play-settings">
        <p className="small muted">
          {modelWords(shown)} Another model: <code>countersteer view --model NAME</code>.
        </p>
        {readToken() === null ? <NoToken /> : null}
        <PlaygroundForm
          form={form}
          update={update}
          shown={shown}
          isRunning={isRunning}
          lacks={lacks}
          onRun={run}
          onStop={stop}
        />
      </div>
      <div className="play-results">
        <p className="play-status" role="status" data-phase={state.phase}>
          {statusWords(state)}
        </p>
        {state.problem === null ? null : <ProblemNote problem={state.problem} />}
        {state.phase === "idle" ? (
          <Empty title="Nothing has been asked yet.">
            <p>
              Choose a latent, write a question and run it. The address holds the form, so it can be shared.
            </p>
          </Empty>
        ) : (
          <Answers state={state} />
        )}
        {finished.length === 0 ? null : <SaveSet answers={finished} />}
      </div>
    </div>
  );
}

function Answers({ state }: { state: AnswerState }) {
  const { sides, phase } = state;
  const axes = useMemo(() => sharedAxes(sides), [sides]);
  return (
    <>
      {state.request === null ? null : <p className="play-question">{state.request.prompt}</p>}
      <div className="play-sides">
        {SIDES.map((side) => (
          <AnswerColumn
            key={side}
            side={side}
            state={sides[side]}
            phase={phase}
            curves={axes.curves[side]}
            domains={axes.domains}
            tokens={axes.tokens}
          />
        ))}
      </div>
      {isUnscored(state) ? (
        <p className="small muted">
          The attempts have no scores: the judge is not calibrated for this model here yet.{" "}
          <code>countersteer demo</code> calibrates it.
        </p>
      ) : null}
    </>
  );
}

function isUnscored({ phase, sides }: AnswerState): boolean {
  const attempts = SIDES.flatMap((side) => sides[side].end?.attempts ?? []);
  return phase === "ended" && attempts.length > 0 && attempts.every(({ score }) => score === null);
}

/** What was answered whole while this page was open. */
function useFinished({ answer, request }: AnswerState): FinishedAnswer[] {
  const [finished, setFinished] = useState<FinishedAnswer[]>([]);
  useEffect(() => {
    if (answer === null || request === null) return;
    setFinished((before) =>
      before.some(({ id }) => id === answer) ? before : [...before, { id: answer, request }],
    );
  }, [answer, request]);
  return finished;
}

function useEscape(isOn: boolean, act: () => void): void {
  useEffect(() => {
    if (!isOn) return;
    const onKeyDown = (event: KeyboardEvent) => {
      // a list that was closed by the key has used it up
      if (event.key === "Escape" && !event.defaultPrevented) act();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [isOn, act]);
}

function NoToken() {
  return (
    <div className="play-token">
      <p>This tab may only look: running the model needs the token of this start of the viewer.</p>
      <TokenForm />
    </div>
  );
}

function modelWords({ model, sae }: Playground): string {
  const layers = model.layers === null ? "" : `, ${model.layers} layers`;
  const of = sae === null ? "" : ` SAE ${sae.name}, layer ${sae.layer}.`;
  return `${model.name}${layers}.${of}`;
}
