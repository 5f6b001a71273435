/** Results of benchmarks, which become the tables of the documents. */
import { existsSync, readFileSync } from "node:fs";
import { ZodError } from "zod";
import { TABLES } from "../../../bench/document-tables.ts";
import type { Kind } from "../kind.ts";
import { mutateValue, type Value } from "../mutate-value.ts";
import { holds } from "../same.ts";

const FOLDER = new URL("../../../bench/results/", import.meta.url);
const CELLS = [...new Set(Object.values(TABLES).map(({ cell }) => cell))].filter(
  (cell) => cell !== "fuzz" && existsSync(new URL(`${cell}.json`, FOLDER)),
);

/** Not a user's: there is no code but that of the schema, and of a table that lacks a measurement. */
export const benchResults: Kind = {
  name: "bench-results",
  input: "results of benchmarks under bench/results",
  right: "every table that is made of it is a table of finite numbers",
  codes: /^(SCHEMA|NOT_MEASURED)$/,
  open: async () => ({
    wholes: CELLS.length,
    read: async ({ whole, draw }) => {
      const cell = CELLS[whole] ?? "";
      const text = readFileSync(new URL(`${cell}.json`, FOLDER), "utf8");
      // what is parsed here is a file of ours
      const stored = JSON.parse(text) as Value;
      const given = draw === null ? stored : mutateValue(stored, draw);
      for (const [name, table] of Object.entries(TABLES)) {
        if (table.cell !== cell) continue;
        try {
          const made = table.render(given);
          holds(!/NaN|undefined|Infinity|\[object/.test(made), `table ${name} has numbers and words only`);
        } catch (error) {
          if (error instanceof ZodError) return "SCHEMA";
          // a table says in its own words what it lacks
          if (error instanceof Error && error.name === "Error") return "NOT_MEASURED";
          throw error;
        }
      }
      return null;
    },
  }),
};
