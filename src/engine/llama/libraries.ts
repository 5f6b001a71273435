/** Finds llama.cpp's shared libraries, which come with the npm package of this platform, and opens them. */
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import koffi, { type LibraryHandle } from "koffi";
import { CountersteerError } from "../../errors.ts";

/** The one version of the packages whose struct layouts `bindings.ts` declares. */
export const PINNED_PACKAGE_VERSION = "3.21.1";

const PACKAGES: Record<string, string> = {
  "linux-x64": "linux-x64",
  "linux-arm64": "linux-arm64",
  "darwin-arm64": "mac-arm64-metal",
  "darwin-x64": "mac-x64",
  "win32-x64": "win-x64",
  "win32-arm64": "win-arm64",
};

export interface Libraries {
  folder: string;
  files: string[];
  base: LibraryHandle;
  ggml: LibraryHandle;
  llama: LibraryHandle;
}

let opened: Libraries | null = null;

/** Opens the libraries once a process. Throws LIBRARY_MISMATCH where the platform's package is absent or of another version. */
export function openLibraries(): Libraries {
  if (opened) {
    return opened;
  }
  const folder = librariesFolder();
  const files = readdirSync(folder).filter((file) => /\.(so|dylib|dll)$/.test(file));
  const open = (stem: RegExp): LibraryHandle => {
    const file = files.find((name) => stem.test(name));
    if (file === undefined) {
      throw new CountersteerError("LIBRARY_MISMATCH", {
        what: `No library like ${stem} lies in ${folder}.`,
        why: "The installed llama.cpp package is incomplete.",
        todo: "Run `npm ci` again.",
        facts: { folder, files },
      });
    }
    return koffi.load(path.join(folder, file), { lazy: true, global: true });
  };
  const base = open(/^(lib)?ggml-base\b/);
  const ggml = open(/^(lib)?ggml(\.v[\d.]+)?\.(so|dylib|dll)$/);
  const llama = open(/^(lib)?llama(\.v[\d.]+)?\.(so|dylib|dll)$/);
  opened = { folder, files, base, ggml, llama };
  return opened;
}

function librariesFolder(): string {
  const platform = `${process.platform}-${process.arch}`;
  const name = PACKAGES[platform];
  const require = createRequire(import.meta.url);
  if (name !== undefined) {
    for (const root of require.resolve.paths("countersteer") ?? []) {
      const folder = path.join(root, "@node-llama-cpp", name);
      if (existsSync(path.join(folder, "package.json"))) {
        const manifest: unknown = require(path.join(folder, "package.json"));
        return checkedBins({ folder, manifest, platform: name });
      }
    }
  }
  throw new CountersteerError("LIBRARY_MISMATCH", {
    what: `No llama.cpp libraries are installed for ${platform}.`,
    why:
      name === undefined
        ? "There is no package for this platform."
        : `@node-llama-cpp/${name} was not installed.`,
    todo: "Install with optional dependencies (`npm ci --include=optional`) on a supported platform.",
    facts: { platform, supported: Object.keys(PACKAGES) },
  });
}

function checkedBins({
  folder,
  manifest,
  platform,
}: {
  folder: string;
  manifest: unknown;
  platform: string;
}): string {
  const version =
    typeof manifest === "object" && manifest !== null && "version" in manifest
      ? String(manifest.version)
      : "unknown";
  if (version !== PINNED_PACKAGE_VERSION) {
    throw new CountersteerError("LIBRARY_MISMATCH", {
      what: `@node-llama-cpp/${platform} has version ${version}.`,
      why: `The struct layouts declared here are those of ${PINNED_PACKAGE_VERSION}; another version would read wrong memory.`,
      todo: `Install exactly ${PINNED_PACKAGE_VERSION}.`,
      facts: { version, wanted: PINNED_PACKAGE_VERSION },
    });
  }
  return path.join(folder, "bins", platform);
}
