/** `docs/licences.md`: every package, asset and inner part with its licence. */

import { INNER_PARTS } from "./inner-parts.ts";
import { ALLOWED, EXCEPTIONS } from "./licence-rules.ts";
import { compare, type LockedPackage, withTheirOwn } from "./lock-file.ts";
import type { Provenance } from "./provenance-table.ts";

/** Development dependencies that the build puts into the viewer's app. */
const BUILT_IN = ["@tanstack/react-query", "@tanstack/react-virtual", "react", "react-dom", "wouter"];

interface Row {
  name: string;
  version: string;
  licence: string;
}

export function licencesPage({
  packages,
  assets,
}: {
  packages: readonly LockedPackage[];
  assets: readonly Provenance[];
}): string {
  const builtIn = withTheirOwn({ names: BUILT_IN, packages });
  const installed = packages.filter(({ dev }) => dev !== true);
  const development = packages.filter(({ dev }) => dev === true);
  const sections = [
    "# Licences",
    [
      "Countersteer is under the Apache License 2.0 (`LICENSE`). This page is made by `node scripts/licences.ts` from `package-lock.json`, `assets/PROVENANCE.md` and",
      "`scripts/supply`; a stale page, or a licence that no rule allows, fails a test. [supply.md](supply.md) says how dependencies are chosen and checked.",
    ].join("\n"),
    "## What is allowed",
    table(["licence", "asks for"], Object.entries(ALLOWED)),
    "Beyond these, for the packages named:",
    table(
      ["licence", "packages", "why"],
      EXCEPTIONS.map(({ licence, packages: names, reason }) => [licence, namesOf(packages, names), reason]),
    ),
    "## Inside packages, and beside them",
    table(
      ["what", "comes with", "licence", "of"],
      INNER_PARTS.map(({ name, inside, licence, holder }) => [name, inside, licence, holder]),
    ),
    [
      "Other models that the program knows, or is given, are downloaded by the user under their own licences (Llama's community licence, Gemma's terms of use);",
      "an adapter or a dictionary that you train from one may be bound by them.",
    ].join("\n"),
    "## Assets",
    "Where each file comes from is in `assets/PROVENANCE.md`.",
    table(
      ["licence", "files"],
      groups(
        assets,
        ({ licence }) => licence,
        ({ file }) => `\`assets/${file}\``,
      ),
    ),
    "## Built into the viewer",
    "Parts of these are in `dist/web`, with their texts in `dist/web/licences.txt`; so are parts of `zod` and `@stdlib/*`.",
    packageTable(packages.filter(({ name, dev }) => dev === true && builtIn.has(name))),
    "## Installed with Countersteer",
    packageTable(installed),
    "## Development only",
    packageTable(development.filter(({ name }) => !builtIn.has(name))),
  ];
  return `${sections.join("\n\n")}\n`;
}

function packageTable(packages: readonly LockedPackage[]): string {
  const rows = packages.map(
    ({ name, version, license }): Row => ({ name, version, licence: license ?? "not stated" }),
  );
  const unlike = new Map(rows.map((row) => [`${row.name} ${row.version}`, row]));
  return table(
    ["package", "version", "licence"],
    [...unlike.values()].map(({ name, version, licence }) => [`\`${name}\``, version, licence]),
  );
}

function namesOf(packages: readonly LockedPackage[], pattern: RegExp): string {
  const names = new Set(packages.map(({ name }) => name).filter((name) => pattern.test(name)));
  return [...names].map((name) => `\`${name}\``).join(", ");
}

function groups<T>(items: readonly T[], key: (item: T) => string, shown: (item: T) => string): string[][] {
  return [...Map.groupBy(items, key)]
    .sort(([a], [b]) => compare(a, b))
    .map(([name, members]) => [name, members.map(shown).join(", ")]);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
