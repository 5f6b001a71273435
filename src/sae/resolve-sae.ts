/** Turns what a user gives as the SAE (a path, a shipped name, or `hf:owner/repo/path`) into what `openDictionary` takes. */
import { join } from "node:path";
import { CountersteerError } from "../errors.ts";
import { type FetchHubFolderOptions, fetchHubFolder, type HubFolder } from "../model/hub-folder.ts";

export interface ResolveSaeOptions
  extends Pick<FetchHubFolderOptions, "hubUrl" | "hubToken" | "transfer" | "signal" | "onProgress"> {
  sae: string;
  cacheDir: string;
}

const HUB_NAME = /^hf:([\w.-]+\/[\w.-]+?)(?:@([\w.-]+))?(?:\/(.+?))?\/?$/;
const WEIGHTS = /\.(?:safetensors|npz|pth?)$/;
/** Everything that a reader of some format looks at. */
const WANTED =
  /^(?:cfg\.json|config\.json|activation_scaler\.json|sae_weights\.safetensors|sae\.safetensors|params\.safetensors|params\.npz|labels\.jsonl(?:\.gz)?)$/;

/** The parts of `hf:owner/repo[@revision][/path]`. Throws CONFIG_INVALID for a name that starts with `hf:` and is none. */
export function parseHubName(name: string): HubFolder {
  const [, repo, revision = "main", path = ""] = HUB_NAME.exec(name) ?? [];
  if (repo === undefined || path.split("/").some((part) => part === ".." || part === ".")) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `"${name}" is not the name of an SAE on the hub.`,
      why: "Such a name is hf:owner/repository, then /folder or /file, with @revision behind the repository if one is meant.",
      todo: "For example: hf:google/gemma-scope-2b-pt-res/layer_16/width_16k/average_l0_78",
      facts: { name },
    });
  }
  return { repo, revision, path };
}

/**
 * A path, or a shipped name, as it is; an SAE on the hub is brought into the cache, where a finished one needs no network.
 * Throws CONFIG_INVALID and what `fetchHubFolder` throws.
 */
export async function resolveSae({ sae, cacheDir, ...access }: ResolveSaeOptions): Promise<string> {
  if (!sae.startsWith("hf:")) return sae;
  const source = parseHubName(sae);
  const { repo, revision, path } = source;
  // the path is kept, because for some formats it alone tells the layer
  const local = join(cacheDir, "sae", ...repo.split("/"), revision, ...path.split("/").filter(Boolean));
  const isFile = WEIGHTS.test(path);
  const names = await fetchHubFolder({
    ...access,
    source,
    folder: isFile ? join(local, "..") : local,
    wanted: (name) => (isFile ? path.endsWith(name) : WANTED.test(name) || /\.pth?$/.test(name)),
  });
  const only = names.filter((name) => WEIGHTS.test(name));
  // a torch file is opened by itself; the other formats are folders
  const [file] = only;
  return isFile ? local : file !== undefined && /\.pth?$/.test(file) ? join(local, file) : local;
}
