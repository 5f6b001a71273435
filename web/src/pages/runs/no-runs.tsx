import { Empty } from "../../ui/states.tsx";

/** How to make a first run. */
export function NoRuns({ folder }: { folder: string | undefined }) {
  return (
    <Empty title="No runs here yet.">
      <p>
        A run is a folder with a <code>run.sqlite</code>.{" "}
        {folder === undefined ? null : (
          <>
            None lies in <code>{folder}</code>.
          </>
        )}
      </p>
      <p>Make a small one on this machine, with the model that is downloaded once:</p>
      <pre>countersteer demo --out {folder === undefined ? "runs/demo" : `${folder}/demo`}</pre>
      <p>
        Or declare your own with <code>countersteer run</code>. It appears here while it goes on.
      </p>
    </Empty>
  );
}
