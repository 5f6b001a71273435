/** What every judge says of the trial: status, attempts with scores and what they are made of, and its words. */
import { z } from "zod";
import { visibleText } from "../../../../src/report/visible-text.ts";
import type { AttemptRecord, JudgementRecord } from "../../../../src/store/records.ts";
import { count, fixed, oneLine, short, when } from "../../lib/format.ts";
import { DataTable } from "../../ui/data-table.tsx";
import { Disclosure } from "../../ui/disclosure.tsx";
import { Facts } from "../../ui/facts.tsx";
import { Empty } from "../../ui/states.tsx";
import { MarkedText } from "./marked-text.tsx";

export interface JudgementsProps {
  judgements: readonly JudgementRecord[];
  text: string;
}

const STATUS_WORDS: Readonly<Record<JudgementRecord["status"], string>> = {
  scored: "scored",
  "no-attempt": "judged, and nothing in it to score",
  empty: "judge failure: it answered nothing",
  refused: "judge failure: it declined to score the response",
  unparsable: "judge failure: its answer could not be read",
  failed: "judge failure: it could not be run",
};

export function Judgements({ judgements, text }: JudgementsProps) {
  if (judgements.length === 0) return <Empty title="No judge has seen this trial." />;
  return (
    <div className="judgements">
      {judgements.map((judgement) => (
        <JudgementView key={`${judgement.judge} ${judgement.repeat}`} judgement={judgement} text={text} />
      ))}
    </div>
  );
}

function JudgementView({ judgement, text }: { judgement: JudgementRecord; text: string }) {
  const { judge, repeat, status, attempts, detail, createdAt } = judgement;
  const components = [...new Set(attempts.flatMap((attempt) => Object.keys(attempt.components)))];
  const feedback = feedbackOf(detail.feedback);
  const said = SAID.flatMap(([name, words]) => {
    const value = detail[name];
    return typeof value === "string" && value.trim() !== "" ? [{ words, value }] : [];
  });
  const rest = Object.entries(detail).filter(([name]) => !TOLD.has(name));
  return (
    <article className="judgement">
      <h3>
        {visibleText(judge)}
        {repeat === 0 ? null : <span className="muted"> repeat {repeat}</span>}
      </h3>
      <p className={isFailure(status) ? "judge-failure" : "muted"}>{STATUS_WORDS[status]}</p>
      {said.map(({ words, value }) => (
        <p key={words} className="judge-said">
          <span className="muted">{words}:</span> <MarkedText text={value} />
        </p>
      ))}
      {attempts.length === 0 ? null : (
        <DataTable
          caption={`Attempts by ${visibleText(judge)}`}
          hideCaption
          columns={[
            { name: "Attempt" },
            { name: "Score", kind: "number" },
            { name: "Begins with", kind: "words" },
            ...components.map((name) => ({ name: COMPONENT_NAMES[name] ?? name, kind: "number" as const })),
            { name: "Characters", kind: "number" },
          ]}
          rows={attempts.map((attempt, i) => ({
            key: String(attempt.start),
            cells: [
              i + 1,
              fixed(attempt.score),
              <Beginning key="begins" attempt={attempt} text={text} />,
              ...components.map((name) => short(attempt.components[name] ?? null)),
              `${count(attempt.start)}–${count(attempt.end)}`,
            ],
          }))}
        />
      )}
      {feedback.length === 0 ? null : (
        <ol className="feedback">
          {feedback.map((words, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: one of each attempt, in their order
            <li key={i}>
              <MarkedText text={words} />
            </li>
          ))}
        </ol>
      )}
      <Disclosure summary="All that the judge kept">
        {() => (
          <Facts
            facts={[
              ...rest.map(([name, value]) => ({
                name: visibleText(name),
                value: <MarkedText text={typeof value === "string" ? value : JSON.stringify(value)} />,
              })),
              { name: "judged", value: when(createdAt) },
            ]}
          />
        )}
      </Disclosure>
    </article>
  );
}

function Beginning({ attempt: { start, restartPhrase }, text }: { attempt: AttemptRecord; text: string }) {
  if (restartPhrase === null) return <MarkedText text={oneLine(text.slice(start, start + 80), 40)} />;
  return (
    <strong className="restart">
      <MarkedText text={restartPhrase} />
    </strong>
  );
}

/** Prose of judges, in the order in which it is shown. */
const SAID: readonly (readonly [string, string])[] = [
  ["assessment", "Assessment"],
  ["comment", "Comment"],
  ["reason", "Reason"],
];
const TOLD: ReadonlySet<string> = new Set([...SAID.map(([name]) => name), "feedback", "curve"]);

const COMPONENT_NAMES: Readonly<Record<string, string>> = {
  onTopic: "On topic",
  fluency: "Fluency",
  topicality: "Topicality, nats",
  logProb: "Log-probability",
  dispersion: "Dispersion",
  repetition: "Repetition",
  tokens: "Tokens",
  votes: "Votes",
  lowest: "Lowest",
  highest: "Highest",
};

const feedbackSchema = z.array(z.string());

/** A language model's judge keeps its feedback as JSON of a list of texts; anything else is a text of its own. */
function feedbackOf(value: unknown): string[] {
  if (typeof value !== "string" || value.trim() === "") return [];
  try {
    return feedbackSchema.parse(JSON.parse(value));
  } catch {
    return [value];
  }
}

function isFailure(status: JudgementRecord["status"]): boolean {
  return status !== "scored" && status !== "no-attempt";
}
