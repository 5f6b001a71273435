import { expect, test } from "vitest";
import { CountersteerError } from "../errors.ts";
import { withSqliteErrors } from "./sqlite-error.ts";

function codeFor(errcode: number): string {
  try {
    withSqliteErrors({ dir: "runs/a" }, () => {
      throw Object.assign(new Error("disk I/O error"), { errcode });
    });
  } catch (error) {
    return error instanceof CountersteerError ? error.code : "uncoded";
  }
  return "no error";
}

test.each([
  [13, "DISK_FULL"],
  [10 | (3 << 8), "DISK_FULL"],
  [10 | (4 << 8), "DISK_FULL"],
  [10 | (1 << 8), "FILE_ACCESS"],
  [8, "FILE_ACCESS"],
  [8 | (4 << 8), "FILE_ACCESS"],
  [14, "FILE_ACCESS"],
  [5 | (1 << 8), "RUN_LOCKED"],
  [11, "STORE_CORRUPT"],
  [26, "STORE_CORRUPT"],
  [19, "uncoded"],
])("SQLite's %i is %s", (errcode, code) => {
  expect(codeFor(errcode)).toBe(code);
});
