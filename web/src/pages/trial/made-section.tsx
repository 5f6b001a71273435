/** What was done to the trial, and the engine's proof of it. */
import type { TrialDetail } from "../../../../src/server/viewer/api/trials.ts";
import { ABSENT, count, fixed } from "../../lib/format.ts";
import { DataTable } from "../../ui/data-table.tsx";
import { Disclosure } from "../../ui/disclosure.tsx";
import { armWords } from "./arm-words.ts";
import type { ArmContent } from "./made.ts";
import { receiptWords, type ShownReceipt } from "./receipt-words.ts";

/** Edits that are shown without asking. */
const FEW = 4;

export function MadeSection({ trial, content }: { trial: TrialDetail["trial"]; content: ArmContent }) {
  const { latent, label, strength, receipt, error } = trial;
  return (
    <>
      <ul className="sentences">
        {armWords({ content, latent, label, strength }).map((words) => (
          <li key={words}>{words}</li>
        ))}
      </ul>
      {receipt === null ? (
        <p className="muted">
          {content.steer === null && content.ablate === null
            ? "No receipt: nothing was edited."
            : error === null
              ? "No receipt is stored with this trial."
              : "No receipt: the trial failed."}
        </p>
      ) : (
        <ReceiptView receipt={receipt} latent={latent} />
      )}
    </>
  );
}

function ReceiptView({ receipt, latent }: { receipt: ShownReceipt; latent: number | null }) {
  const isProved = receipt.rowsEdited > 0;
  return (
    <div className="receipt" data-proved={isProved}>
      <h3>
        <span aria-hidden="true">{isProved ? "✓" : "!"}</span>{" "}
        {isProved ? "Edit proved" : "No row was edited"}
      </h3>
      <ul className="sentences">
        {receiptWords({ receipt, latent }).map((words) => (
          <li key={words}>{words}</li>
        ))}
      </ul>
      {receipt.edits.length <= FEW ? (
        <Edits receipt={receipt} />
      ) : (
        <Disclosure summary={`All ${receipt.edits.length} edits, with values read back`}>
          {() => <Edits receipt={receipt} />}
        </Disclosure>
      )}
    </div>
  );
}

function Edits({ receipt }: { receipt: ShownReceipt }) {
  return (
    <DataTable
      caption="Values are means over the edited rows, read after all edits together"
      columns={[
        { name: "Edit" },
        { name: "Rows changed", kind: "number" },
        { name: "Before", kind: "number" },
        { name: "After", kind: "number" },
      ]}
      rows={receipt.edits.map(({ kind, latent, rowsChanged, meanValueBefore, meanValueAfter }, i) => ({
        key: String(i),
        cells: [
          `${kind} ${latent === null ? (kind === "replace" ? "" : "a vector") : latent}`,
          `${count(rowsChanged)} of ${count(receipt.rowsEdited)}`,
          meanValueBefore === null ? ABSENT : fixed(meanValueBefore, 2),
          meanValueAfter === null ? ABSENT : fixed(meanValueAfter, 2),
        ],
      }))}
    />
  );
}
