/** What stands in a place that has nothing to show yet, or never will. */
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ApiProblem, problemOf } from "../lib/api-problem.ts";
import { Button } from "./button.tsx";
import { Prose } from "./prose.tsx";
import { TokenForm } from "./token-form.tsx";

/** Appears after a moment, so that what is quick does not flicker. */
export function Loading({ what }: { what: string }) {
  return (
    <p className="loading" role="status">
      <span className="loading-bar" aria-hidden="true" />
      Loading {what}…
    </p>
  );
}

export interface EmptyProps {
  title: string;
  /** `small` for a part of a page. @default "normal" */
  size?: "normal" | "small";
  children?: ReactNode;
}

export function Empty({ title, size = "normal", children }: EmptyProps) {
  return (
    <div className={`empty empty-${size}`}>
      <p className="empty-title">{title}</p>
      {children}
    </div>
  );
}

export interface ProblemNoteProps {
  /** Anything that was thrown, or a problem as the server tells it. */
  problem: unknown;
  retry?: (() => void) | undefined;
  children?: ReactNode;
}

export function ProblemNote({ problem, retry, children }: ProblemNoteProps) {
  const { code, what, why, todo } = isTold(problem) ? problem : problemOf(problem);
  return (
    <div className="problem" role="alert">
      <p className="problem-what">
        <Prose text={what} />
      </p>
      <p>
        <Prose text={why} />
      </p>
      <p>
        <Prose text={todo} />
      </p>
      <p className="problem-foot">
        <code>{code}</code>
        {retry === undefined ? null : (
          <Button size="small" onClick={retry}>
            Try again
          </Button>
        )}
      </p>
      {problem instanceof ApiProblem && problem.status === 401 ? <TokenForm /> : null}
      {children}
    </div>
  );
}

type Told = Pick<ApiProblem, "code" | "what" | "why" | "todo">;

function isTold(value: unknown): value is Told {
  return (
    typeof value === "object" &&
    value !== null &&
    ["code", "what", "why", "todo"].every((name) => name in value)
  );
}

export interface QueryViewProps<T> {
  query: UseQueryResult<T>;
  /** "Loading WHAT…" */
  what: string;
  children: (data: T) => ReactNode;
}

/** Loading, a problem, or the answer. A problem while a former answer is there stands above it. */
export function QueryView<T>({ query, what, children }: QueryViewProps<T>) {
  const { data, error, isPlaceholderData, refetch } = query;
  const note = error === null ? null : <ProblemNote problem={error} retry={() => void refetch()} />;
  if (data === undefined) return note ?? <Loading what={what} />;
  return (
    <>
      {note}
      <div className="query-view" aria-busy={isPlaceholderData} data-stale={isPlaceholderData || undefined}>
        {children(data)}
      </div>
    </>
  );
}
