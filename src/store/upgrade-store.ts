/** Brings a run that is opened for writing to the present version of the store. */
import type { Database } from "./database.ts";
import { fillFacts } from "./facts-place.ts";
import { judgementOf, judgementValues } from "./judgement-table.ts";
import { SCHEMA_VERSION, SECOND_VERSION } from "./schema.ts";
import { trialOf, trialValues } from "./trial-table.ts";

/**
 * All or nothing: cut off at any point, the run is what it was. Of version 1 every trial and judgement is read, checked and written in its new form
 * under the same digest. Facts that rows have lost are made again. Throws STORE_CORRUPT for a row that is no valid record.
 */
export function upgradeStore({ database }: { database: Database }): void {
  database.transaction(() => {
    if (database.version === 1) packRows(database);
    fillFacts(database, "main");
  });
}

function packRows(database: Database): void {
  database.exec(SECOND_VERSION);
  for (const row of database.pages({ table: "trials" })) {
    const { tokens, offsets, receipt, packed } = trialValues(trialOf(database, row));
    const values = [tokens, offsets, receipt, packed, Number(row.seq)];
    database.run("UPDATE trials SET tokens = ?, offsets = ?, receipt = ?, packed = ? WHERE seq = ?", values);
  }
  for (const row of database.pages({ table: "judgements" })) {
    const { attempts, detail, packed } = judgementValues(judgementOf(database, row));
    const values = [attempts, detail, packed, Number(row.seq)];
    database.run("UPDATE judgements SET attempts = ?, detail = ?, packed = ? WHERE seq = ?", values);
  }
  database.run(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  database.version = SCHEMA_VERSION;
}
