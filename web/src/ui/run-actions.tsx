/** Stop a run that goes on; go on with one that was stopped. */
import { useQueryClient } from "@tanstack/react-query";
import { z } from "zod";
import type { Live } from "../../../src/server/viewer/api/runs.ts";
import { api, apiPath } from "../lib/api.ts";
import { isAboutRun } from "../lib/run-queries.ts";
import { ConfirmButton } from "./confirm-button.tsx";

export interface RunActionsProps {
  id: string;
  name: string;
  state: Live["state"];
  resumable: boolean;
}

export function RunActions({ id, name, state, resumable }: RunActionsProps) {
  const client = useQueryClient();
  const again = () => void client.invalidateQueries(isAboutRun(id));
  if (state === "running") {
    return (
      <ConfirmButton
        name="Stop"
        label={`Stop ${name}`}
        look="danger"
        size="small"
        question={`Stop ${name}?`}
        deed={() => api.post({ path: apiPath`/api/runs/${id}/stop`, schema: z.unknown() })}
        onDone={again}
      >
        <p>Trials that are stored stay. The run can go on later from where it is.</p>
      </ConfirmButton>
    );
  }
  if (!resumable) return null;
  return (
    <ConfirmButton
      name="Resume"
      label={`Resume ${name}`}
      size="small"
      question={`Go on with ${name}?`}
      deed={() => api.post({ path: apiPath`/api/runs/${id}/resume`, schema: z.unknown() })}
      onDone={again}
    >
      <p>
        It runs on this machine with the settings it began with, and uses its cores until it ends or is
        stopped.
      </p>
    </ConfirmButton>
  );
}
