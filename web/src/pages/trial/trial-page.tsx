import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { useLocation, useParams } from "wouter";
import { playgroundSchema } from "../../../../src/server/viewer/api/playground.ts";
import { runChoicesSchema } from "../../../../src/server/viewer/api/runs.ts";
import { type TrialDetail, trialDetailSchema } from "../../../../src/server/viewer/api/trials.ts";
import { api, apiPath } from "../../lib/api.ts";
import { links } from "../../lib/links.ts";
import { useUrlState } from "../../lib/url-state.ts";
import { useApi } from "../../lib/use-api.ts";
import { Page } from "../../ui/page.tsx";
import { QueryView } from "../../ui/states.tsx";
import { rowQuery, tableQuery } from "../trials/trials-state.ts";
import { contentSchema, samplingSchema } from "./made.ts";
import { offeredName, replayLacks, replayQuery } from "./replay-query.ts";
import { TrialActions } from "./trial-actions.tsx";
import { neighbourQuery, type TrialState, trialStateSchema } from "./trial-state.ts";
import { TrialView } from "./trial-view.tsx";
import "./trial-page.css";

const PIN_AFTER_MS = 200;

export default function TrialPage() {
  const { run = "", key = "" } = useParams();
  const [state, update] = useUrlState(trialStateSchema);
  const info = useApi({ path: apiPath`/api/runs/${run}/choices`, schema: runChoicesSchema });
  const query = useApi({
    path: apiPath`/api/runs/${run}/trials/${key}`,
    query: tableQuery(state),
    schema: trialDetailSchema,
    keep: true,
  });
  const { data: detail, isPlaceholderData } = query;
  const steps = stepsOf({ run, detail: isPlaceholderData ? undefined : detail, state });
  useStepKeys(steps);
  usePrefetch({ run, detail, state });

  const [pinned, setPinned] = useState(state.token ?? null);
  useEffect(() => setPinned(state.token ?? null), [state.token]);
  const pinning = useRef<ReturnType<typeof setTimeout>>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was not written yet belongs to the trial before
  useEffect(() => () => clearTimeout(pinning.current), [key]);
  const pin = useCallback(
    (token: number | null) => {
      setPinned(token);
      clearTimeout(pinning.current);
      pinning.current = setTimeout(() => update({ token: token ?? undefined }), PIN_AFTER_MS);
    },
    [update],
  );

  const name = info.data?.row.name ?? run;
  const title = `Trial ${key.slice(0, 8)}`;
  const content = detail === undefined ? null : contentSchema.parse(detail.made.content);
  const playground = useApi({
    path: "/api/playground",
    schema: playgroundSchema,
    enabled: content !== null && content.adapter !== null,
  });
  const adapter = offeredName(content, playground.data?.adapters ?? []);
  return (
    <Page
      title={title}
      width="wide"
      crumbs={[
        { name: "Runs", href: links.runs() },
        { name, href: links.run(run) },
        {
          name: "Trials",
          href: links.trials(run, state.at === undefined ? tableQuery(state) : rowQuery(state, state.at)),
        },
      ]}
      actions={
        <TrialActions
          trialKey={key}
          {...steps}
          replay={
            detail === undefined || playground.isLoading
              ? null
              : links.playground(
                  replayQuery({
                    trial: detail.trial,
                    content,
                    sampling: samplingSchema.parse(detail.made.sampling),
                    adapter,
                  }),
                )
          }
          lacks={replayLacks({ content, adapter })}
        />
      }
    >
      <QueryView query={query} what="the trial">
        {(shown) => (
          <TrialView run={run} detail={shown} state={state} update={update} pinned={pinned} onPin={pin} />
        )}
      </QueryView>
    </Page>
  );
}

interface Steps {
  previous: string | null;
  next: string | null;
}

function stepsOf({
  run,
  detail,
  state,
}: {
  run: string;
  detail: TrialDetail | undefined;
  state: TrialState;
}): Steps {
  const href = (key: string | null | undefined, step: -1 | 1) =>
    key == null ? null : links.trial(run, key, neighbourQuery(state, step));
  return { previous: href(detail?.previous, -1), next: href(detail?.next, 1) };
}

/** `j` and the right arrow go on, `k` and the left arrow go back, except where one types or a control needs the key. */
function useStepKeys({ previous, next }: Steps): void {
  const [, navigate] = useLocation();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { target, key } = event;
      const isTaken =
        target instanceof HTMLElement &&
        target.closest("input, textarea, select, [role=slider], .table-scroll, [contenteditable]") !== null;
      if (
        isTaken ||
        event.defaultPrevented ||
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        event.shiftKey
      )
        return;
      const to = { j: next, ArrowRight: next, k: previous, ArrowLeft: previous }[key];
      if (to == null) return;
      event.preventDefault();
      navigate(to);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [previous, next, navigate]);
}

/** The neighbours are there before one goes to them. */
function usePrefetch({
  run,
  detail,
  state,
}: {
  run: string;
  detail: TrialDetail | undefined;
  state: TrialState;
}): void {
  const client = useQueryClient();
  const keys = JSON.stringify([detail?.next, detail?.previous].filter((key) => typeof key === "string"));
  const asked = JSON.stringify(tableQuery(state));
  useEffect(() => {
    const neighbours: string[] = JSON.parse(keys);
    const query: Record<string, string> = JSON.parse(asked);
    for (const key of neighbours) {
      const path = apiPath`/api/runs/${run}/trials/${key}`;
      void client.prefetchQuery({
        queryKey: [path, query],
        queryFn: ({ signal }) => api.get({ path, query, schema: trialDetailSchema, signal }),
      });
    }
  }, [client, run, keys, asked]);
}
