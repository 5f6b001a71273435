/** The pages of docs/api/ as the sources would have them now. Runs the compiler. */
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type ApiPage, apiPages } from "./api-pages.ts";
import { readDeclarations } from "./declarations.ts";
import { emitDeclarations } from "./emit-declarations.ts";
import { publicNames } from "./public-names.ts";

const SOURCES = fileURLToPath(new URL("../../src/", import.meta.url));

const read = (file: string) => readFileSync(path.join(SOURCES, file), "utf8");

export function apiOfSources(): ApiPage[] {
  const folder = emitDeclarations();
  try {
    return apiPages({
      names: publicNames({ index: read("index.ts"), read }),
      declarationsOf: (file) =>
        readDeclarations({
          text: readFileSync(path.join(folder, file.replace(/\.ts$/, ".d.ts")), "utf8"),
          source: read(file),
        }),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
