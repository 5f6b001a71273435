/**
 * The rules that `check-arrows.ts` enforces on the source tree (DESIGN.md 3): imports point downwards, only the edges of
 * the program print or read the environment, files stay small, and no file names a package registry. A rule works on text
 * that is handed in, so that tests need no disk. Imports are found by patterns and not by a parser: the compiler that the
 * project pins has no stable programming interface.
 */
import { posix } from "node:path";

export interface SourceFile {
  /** Path from the repository root, with forward slashes. */
  path: string;
  text: string;
}

export interface Violation {
  path: string;
  /** From 1. */
  line: number;
  message: string;
}

interface Layer {
  /** Layers that a file of this layer may import, besides its own. */
  values: readonly string[];
  /** Layers from which it may import types, besides those. */
  types?: readonly string[];
}

export const MAX_LINES = 400;

const FOUNDATION = ["engine", "sae", "model", "stats", "errors"];
const PARTS = ["judge", "latents", "threshold", "activations", "llm"];

/** Layers of `src/`, top to bottom; the `EDGES` above them may import everything. */
const LAYERS: Readonly<Record<string, Layer>> = {
  experiment: { values: ["finetune", "store", ...PARTS, ...FOUNDATION] },
  report: { values: ["store", "stats", "errors"], types: [...PARTS, "engine", "sae", "model"] },
  finetune: { values: ["store", ...PARTS, ...FOUNDATION] },
  judge: { values: ["llm", ...FOUNDATION] },
  latents: { values: ["activations", "llm", ...FOUNDATION] },
  threshold: { values: FOUNDATION },
  activations: { values: FOUNDATION },
  llm: { values: ["model", "errors"] },
  store: { values: ["stats", "errors"] },
  engine: { values: ["sae", "model", "errors"] },
  sae: { values: ["model", "errors"] },
  model: { values: ["errors"] },
  stats: { values: ["errors"] },
  errors: { values: [] },
};
const EDGES = ["cli", "server", "index"];

/** Places that print or read the environment. */
const PRINTERS = ["src/cli/", "src/server/"];
/** The engine's child processes may write to stderr, which their parent reads. */
const CHILD_PROCESS = /^src\/engine\/(?:.+\/)?host[^/]*\.ts$/;

const IMPORT_PATTERNS = [
  /^[ \t]*(?:import|export)\s+(?<type>type\s+)?(?:[\w\s{},*$]*?\bfrom\s*)?["'](?<target>[^"']+)["']/gm,
  /\bimport\s*\(\s*["'`](?<target>[^"'`]+)["'`]/g,
  /\bnew URL\(\s*["'`](?<target>[^"'`]+)["'`]\s*,\s*import\.meta\.url/g,
];

const EDGE_PATTERNS = [
  /\bconsole\s*\.\s*\w+/g,
  /\bprocess\s*\.\s*(?:env|stdout|stderr)\b/g,
  /\b(?:process|console)\s*\[/g,
  /\b(?:const|let|var)\s*\{[^}]*\}\s*=\s*(?:process|console)\b(?!\s*\.)/g,
  /\bfrom\s*["'](?:node:)?(?:process|console)["']/g,
];

/** In parts, so that this file passes its own check. */
const REGISTRY_HOSTS = [
  ["npmjs", "org"],
  ["npmjs", "com"],
  ["npmmirror", "com"],
  ["yarnpkg", "com"],
  ["pypi", "org"],
  ["pythonhosted", "org"],
  ["crates", "io"],
  ["rubygems", "org"],
  ["golang", "org"],
  ["maven", "org"],
  ["anaconda", "org"],
].map((parts) => parts.join("."));

const REGISTRY_PATTERN = new RegExp(
  `\\b(?:${REGISTRY_HOSTS.map((host) => host.replace(".", "\\.")).join("|")})\\b`,
  "gi",
);

/** Every violation in the files, by path and line. */
export function findViolations(files: readonly SourceFile[]): Violation[] {
  return files
    .flatMap((file) => [
      ...findUpwardImports(file),
      ...findEdgeUse(file),
      ...findLongFile(file),
      ...findRegistryNames(file),
    ])
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line));
}

/** The layer of a path under `src/` ("errors" for `src/errors.ts`), or undefined for a path elsewhere. */
export function layerOf(path: string): string | undefined {
  const [root, name, ...rest] = path.split("/");
  if (root !== "src" || name === undefined) return undefined;
  return rest.length > 0 ? name : name.replace(/(\.test)?\.ts$/, "");
}

function findUpwardImports({ path, text }: SourceFile): Violation[] {
  const from = layerOf(path);
  if (from === undefined || !path.endsWith(".ts")) return [];
  const layer = LAYERS[from];
  if (layer === undefined && !EDGES.includes(from)) {
    return [{ path, line: 1, message: `"${from}" has no layer: give it one in scripts/arrows.ts` }];
  }
  const code = withoutComments(text);
  return importsOf(code).flatMap(({ target, typeOnly, index }) => {
    const message = importFault({ path, from, layer, target, typeOnly });
    return message === undefined ? [] : [{ path, line: lineAt(code, index), message }];
  });
}

interface ImportUnderTest {
  path: string;
  from: string;
  layer: Layer | undefined;
  target: string;
  typeOnly: boolean;
}

function importFault({ path, from, layer, target, typeOnly }: ImportUnderTest): string | undefined {
  if (!target.startsWith(".")) return undefined;
  const resolved = posix.join(posix.dirname(path), target);
  const to = layerOf(resolved);
  // data beside the sources (assets, package.json) is no module, and tests may use test/support
  if (to === undefined) {
    return resolved.endsWith(".ts") && !isTest(path)
      ? `source imports ${resolved}, which isn't published`
      : undefined;
  }
  if (to === from || layer === undefined || layer.values.includes(to)) return undefined;
  if (layer.types?.includes(to)) {
    return typeOnly ? undefined : `${from} may import only types from ${to}: write "import type"`;
  }
  return `${from} may not import ${to}`;
}

function importsOf(code: string): { target: string; typeOnly: boolean; index: number }[] {
  return IMPORT_PATTERNS.flatMap((pattern) =>
    [...code.matchAll(pattern)].map(({ groups, index, 0: match }) => ({
      target: groups?.target ?? "",
      // `import { type A }` still loads the module, so only a leading `type` counts
      typeOnly: groups?.type !== undefined,
      index: index + match.search(/\S/),
    })),
  );
}

function findEdgeUse({ path, text }: SourceFile): Violation[] {
  if (!path.startsWith("src/") || !path.endsWith(".ts") || isTest(path)) return [];
  if (PRINTERS.some((folder) => path.startsWith(folder))) return [];
  const code = withoutComments(text);
  return EDGE_PATTERNS.flatMap((pattern) =>
    [...code.matchAll(pattern)]
      .filter(({ 0: match }) => !(CHILD_PROCESS.test(path) && match.endsWith("stderr")))
      .map(({ 0: match, index }) => ({
        path,
        line: lineAt(code, index),
        message: `${match.replace(/\s+/g, " ")}: only ${PRINTERS.join(" and ")} print or read the environment`,
      })),
  );
}

function findLongFile({ path, text }: SourceFile): Violation[] {
  if (!/\.(?:ts|tsx|js|py)$/.test(path) || isTest(path)) return [];
  const lines = text.replace(/\n$/, "").split("\n").length;
  return lines > MAX_LINES
    ? [{ path, line: MAX_LINES + 1, message: `${lines} lines, at most ${MAX_LINES}: split it` }]
    : [];
}

function findRegistryNames({ path, text }: SourceFile): Violation[] {
  return [...text.matchAll(REGISTRY_PATTERN)].map(({ index }) => ({
    path,
    line: lineAt(text, index),
    message: "names a package registry: leave the address to the package manager's own configuration",
  }));
}

function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path) || path.startsWith("test/");
}

/** Blanks comments, keeping every line where it is. Only comments that begin a line or follow white space are seen, so "https://" in a string survives. */
function withoutComments(text: string): string {
  return text
    .replace(/(^|\s)\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, " "))
    .replace(/(^|\s)\/\/[^\n]*/g, (comment) => comment.replace(/[^\n]/g, " "));
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
