/** A thin layer over `node:sqlite`: kept statements, one error vocabulary, transactions, and writes that are idempotent by key. */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { z } from "zod";
import { CountersteerError, isCode } from "../errors.ts";
import { SCHEMA_VERSION } from "./schema.ts";
import { withSqliteErrors } from "./sqlite-error.ts";

export type Row = Record<string, unknown>;
export type Values = Record<string, SQLInputValue>;

/** Rows read at a time while iterating: no read transaction stays open, so a writer's log can always be folded back. */
const PAGE = 256;

export interface PutOnceOptions {
  table: string;
  /** Columns that name the row. */
  key: Values;
  /** The other columns. */
  values: Values;
  /** Hash of the content that must agree when the row exists. */
  digest: string;
}

export class Database {
  readonly dir: string;
  /** Of the schema. */
  version = SCHEMA_VERSION;
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #arrayStatements = new Map<string, StatementSync>();

  constructor({ db, dir }: { db: DatabaseSync; dir: string }) {
    this.#db = db;
    this.dir = dir;
  }

  #statement(sql: string): StatementSync {
    const kept = this.#statements.get(sql) ?? this.#db.prepare(sql);
    this.#statements.set(sql, kept);
    return kept;
  }

  all(sql: string, values: SQLInputValue[] = []): Row[] {
    return withSqliteErrors(this, () => this.#statement(sql).all(...values));
  }

  get(sql: string, values: SQLInputValue[] = []): Row | undefined {
    return withSqliteErrors(this, () => this.#statement(sql).get(...values));
  }

  /** Rows as arrays of their columns: half the time of `all` where there are many. */
  arrays(sql: string, values: SQLInputValue[] = []): unknown[][] {
    return withSqliteErrors(this, () => {
      const statement = this.#arrayStatements.get(sql) ?? this.#db.prepare(sql);
      statement.setReturnArrays(true);
      this.#arrayStatements.set(sql, statement);
      // the declared type is that of rows as objects
      return statement.all(...values) as unknown as unknown[][];
    });
  }

  /** Statements without values and without rows. */
  exec(sql: string): void {
    withSqliteErrors(this, () => this.#db.exec(sql));
  }

  /** Changes with every change to the content, whoever made it. */
  contentVersion(): string {
    const others = this.get("PRAGMA data_version")?.data_version;
    return `${others} ${this.get("SELECT total_changes() AS own")?.own}`;
  }

  /** Makes a function of two values known to this connection's SQL. */
  define(name: string, work: (first: unknown, second: unknown) => number): void {
    this.#db.function(name, { deterministic: true }, work);
  }

  /** Returns the number of rows changed. Throws RUN_LOCKED where another program keeps the file locked; later calls don't wait for it again. */
  run(sql: string, values: SQLInputValue[] = []): number {
    try {
      return withSqliteErrors(this, () => Number(this.#statement(sql).run(...values).changes));
    } catch (error) {
      // a run ends at this, and each of its trials that are still under way would wait as long before it does
      if (isCode(error, "RUN_LOCKED")) this.exec("PRAGMA busy_timeout = 0");
      throw error;
    }
  }

  /** Rows of a table that has `seq`, in the order of writing; rows added meanwhile are included. `where` may use `?`. */
  *pages({ table, where = "1", values = [] }: { table: string; where?: string; values?: SQLInputValue[] }) {
    const sql = `SELECT * FROM ${table} WHERE seq > ? AND (${where}) ORDER BY seq LIMIT ${PAGE}`;
    let last = 0;
    for (;;) {
      const rows = this.all(sql, [last, ...values]);
      yield* rows;
      const end = rows.at(-1)?.seq;
      if (rows.length < PAGE || typeof end !== "number") {
        return;
      }
      last = end;
    }
  }

  /** Several reads of one state, while others may write; `work` is synchronous. */
  snapshot<T>(work: () => T): T {
    if (this.#db.isTransaction) {
      return work();
    }
    this.run("BEGIN");
    try {
      return work();
    } finally {
      if (this.#db.isTransaction) {
        this.run("COMMIT");
      }
    }
  }

  /** All or nothing; `work` is synchronous. A transaction inside another joins it. */
  transaction<T>(work: () => T): T {
    if (this.#db.isTransaction) {
      return work();
    }
    this.run("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.run("COMMIT");
      return result;
    } catch (error) {
      if (this.#db.isTransaction) {
        this.run("ROLLBACK");
      }
      throw error;
    }
  }

  /** Returns true when the row is new, false when it was there with the same content. Throws STORE_CORRUPT when the content differs. */
  putOnce({ table, key, values, digest }: PutOnceOptions): boolean {
    const columns = { ...key, ...values, digest };
    const names = Object.keys(columns);
    const marks = names.map(() => "?").join(", ");
    const sql = `INSERT INTO ${table} (${names.join(", ")}) VALUES (${marks}) ON CONFLICT DO NOTHING`;
    if (this.run(sql, Object.values(columns)) === 1) {
      return true;
    }
    const where = Object.keys(key)
      .map((name) => `${name} = ?`)
      .join(" AND ");
    const stored = this.get(`SELECT digest FROM ${table} WHERE ${where}`, Object.values(key));
    if (stored?.digest === digest) {
      return false;
    }
    throw conflictError({ dir: this.dir, table, key, sameKey: stored !== undefined });
  }

  /** A row as a record. Throws STORE_CORRUPT for a row that is no such record. */
  decode<T>({ schema, table, read }: { schema: z.ZodType<T>; table: string; read: () => unknown }): T {
    try {
      return schema.parse(read());
    } catch (cause) {
      throw new CountersteerError("STORE_CORRUPT", {
        what: `A row of the table ${table} in ${this.dir} is no valid record.`,
        why: "It was changed by something other than Countersteer, or the file is damaged.",
        todo: "Restore run.sqlite from a copy, or start the run anew in another folder.",
        facts: { dir: this.dir, table },
        cause,
      });
    }
  }

  close(): void {
    this.#db.close();
  }
}

interface Conflict {
  dir: string;
  table: string;
  key: Values;
  sameKey: boolean;
}

function conflictError({ dir, table, key, sameKey }: Conflict): CountersteerError {
  const name = Object.values(key).join(", ");
  return new CountersteerError("STORE_CORRUPT", {
    what: sameKey
      ? `The run in ${dir} already holds other content for ${name} in ${table}.`
      : `The run in ${dir} already holds another row in the place of ${name} in ${table}.`,
    why: "What is stored is never overwritten; a second, different result means that the settings or the engine's output changed.",
    todo: "Use a new folder for changed settings; if nothing was changed, run `countersteer doctor`.",
    facts: { dir, table, key: { ...key }, conflict: true },
  });
}
