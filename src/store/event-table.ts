/** Events: what happened to the run as a whole, in order; the only table whose rows have no key. */
import { fromJson, toJson } from "./columns.ts";
import type { Database } from "./database.ts";
import { type EventRecord, eventSchema } from "./records.ts";

export function putEvent(db: Database, input: EventRecord): void {
  const { at, kind, detail } = eventSchema.parse(input);
  db.run("INSERT INTO events (at, kind, detail) VALUES (?, ?, ?)", [at, kind, toJson(detail)]);
}

export function getEvents(db: Database, { kind }: { kind?: string }): EventRecord[] {
  const rows = db.all("SELECT * FROM events WHERE kind = coalesce(?, kind) ORDER BY seq", [kind ?? null]);
  return rows.map((row) =>
    db.decode({
      schema: eventSchema,
      table: "events",
      read: () => ({ at: row.at, kind: row.kind, detail: fromJson(row, "detail") }),
    }),
  );
}
