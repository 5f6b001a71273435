/** The built app, read once: a request's path is only ever looked up among the paths that were found, and never made into one of the file system. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { CountersteerError } from "../../errors.ts";

export interface AppFile {
  bytes: Uint8Array<ArrayBuffer>;
  type: string;
  /** Its name holds a hash of what is in it, so that it never changes. */
  isHashed: boolean;
}

export interface AppFiles {
  index: AppFile;
  /** By path of the address, such as `/assets/index-1a2b3c4d.js`. */
  byPath: ReadonlyMap<string, AppFile>;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
};

/** Where the build puts the app: `dist/web` of this package, seen from its sources and from what is built of them. */
function builtAppFolder(): string {
  const root = import.meta.url.endsWith(".ts") ? "../../../dist/web" : "../../web";
  return fileURLToPath(new URL(root, import.meta.url));
}

/** Throws CONFIG_INVALID where the app was not built. */
export function readAppFiles({ folder = builtAppFolder() }: { folder?: string } = {}): AppFiles {
  const indexFile = path.join(folder, "index.html");
  if (!existsSync(indexFile)) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: "The viewer's pages are not there.",
      why: `${indexFile} does not exist: the app was not built.`,
      todo: "Run `npm run build:web` in the checkout, or install the package again.",
      facts: { folder },
    });
  }
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry): [string, AppFile] => {
      const file = path.join(entry.parentPath, entry.name);
      return [`/${path.relative(folder, file).split(path.sep).join("/")}`, read(file)];
    });
  return { index: read(indexFile), byPath: new Map(found) };
}

function read(file: string): AppFile {
  return {
    bytes: new Uint8Array(readFileSync(file)),
    type: TYPES[path.extname(file).toLowerCase()] ?? "application/octet-stream",
    isHashed: path.basename(path.dirname(file)) === "assets",
  };
}
