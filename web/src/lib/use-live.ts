/** A run's progress while it goes on. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type Live, liveSchema } from "../../../src/server/viewer/api/runs.ts";
import { api, apiPath } from "./api.ts";
import { isAbort } from "./api-problem.ts";
import { isAboutRun } from "./run-queries.ts";

/** Milliseconds after which a broken stream is opened again. */
const AGAIN_MS = 5000;

/** null until the first word, and where `enabled` is false. Ends when the run does; then what is shown of the run is asked for again. */
export function useLive(run: string, enabled: boolean): Live | null {
  const [live, setLive] = useState<Live | null>(null);
  const client = useQueryClient();
  useEffect(() => {
    if (!enabled) return;
    const closing = new AbortController();
    void follow(run, closing.signal, (now) => {
      setLive(now);
      if (now.state !== "running") void client.invalidateQueries(isAboutRun(run));
    });
    return () => {
      closing.abort();
      setLive(null);
    };
  }, [run, enabled, client]);
  return live;
}

async function follow(run: string, signal: AbortSignal, tell: (live: Live) => void): Promise<void> {
  while (!signal.aborted) {
    try {
      const path = apiPath`/api/runs/${run}/live`;
      for await (const live of api.events({ path, schema: liveSchema, signal })) {
        tell(live);
        if (live.state !== "running") return;
      }
    } catch (error) {
      if (isAbort(error)) return;
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}
