/** Every run of the folder: what it was, how far it is, what it found. */
import { runListSchema } from "../../../../src/server/viewer/api/runs.ts";
import { sessionSchema } from "../../../../src/server/viewer/api/session.ts";
import { counted } from "../../lib/format.ts";
import { useApi } from "../../lib/use-api.ts";
import { Page } from "../../ui/page.tsx";
import { QueryView } from "../../ui/states.tsx";
import { NoRuns } from "./no-runs.tsx";
import { RunsTable } from "./runs-table.tsx";
import "./runs.css";

/** Runs that begin elsewhere appear after so many milliseconds. */
const EVERY_MS = 15_000;

export default function RunsPage() {
  const session = useApi({ path: "/api/session", schema: sessionSchema });
  const list = useApi({ path: "/api/runs", schema: runListSchema, every: EVERY_MS });
  const folder = session.data?.folder;
  return (
    <Page
      title="Runs"
      lede={
        list.data === undefined || list.data.runs.length === 0 ? undefined : (
          <>
            {counted(list.data.runs.length, "run")}
            {folder === undefined ? null : (
              <>
                {" "}
                in <code>{folder}</code>
              </>
            )}
            , newest first.
          </>
        )
      }
    >
      <QueryView query={list} what="runs">
        {({ runs }) => (runs.length === 0 ? <NoRuns folder={folder} /> : <RunsTable runs={runs} />)}
      </QueryView>
    </Page>
  );
}
