/** Fetches one file of a Hugging Face hub repository. */
import { rename, rm } from "node:fs/promises";
import { HUB_URL, HubApiError, pathsInfo } from "@huggingface/hub";
import { z } from "zod";
import { CountersteerError, messageOf } from "../errors.ts";
import { throwIfAborted } from "./aborted.ts";
import { writeError } from "./disk-error.ts";
import { downloadFile, type TransferOptions } from "./download.ts";
import { httpFailure } from "./http-failure.ts";
import { claimPartFile } from "./part-file.ts";
import type { OnProgress } from "./progress.ts";
import type { HubSource } from "./registry.ts";
import { sha256File } from "./sha256-file.ts";
import { verifyFile } from "./verify.ts";

export interface HubOptions {
  /** Default: the hub's own address. */
  hubUrl?: string | undefined;
  /** A hub access token, for private and gated files. */
  hubToken?: string | undefined;
  transfer?: TransferOptions | undefined;
}

export interface FetchFromHubOptions extends HubOptions {
  source: HubSource;
  /** Where the verified file goes; its directory is made. */
  targetPath: string;
  signal?: AbortSignal | undefined;
  onProgress?: OnProgress | undefined;
}

const LfsRecord = z.object({ lfs: z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/) }) });

/** The SHA-256 in the hub's LFS record of the file. */
async function lfsHash(options: FetchFromHubOptions, hubUrl: string, signal: AbortSignal): Promise<string> {
  const { repo, revision, file } = options.source;
  const base = options.transfer?.fetch ?? fetch;
  const url = `${hubUrl}/${repo}`;
  try {
    const [record] = await pathsInfo({
      repo,
      paths: [file],
      revision,
      hubUrl,
      fetch: (input, init) => base(input, { ...init, signal }),
      ...(options.hubToken === undefined ? {} : { accessToken: options.hubToken }),
    });
    if (record === undefined) throw httpFailure({ url: `${url}/${file}`, status: 404 });
    return LfsRecord.parse(record).lfs.oid;
  } catch (error) {
    if (error instanceof CountersteerError) throw error;
    throwIfAborted({ signal: options.signal, what: "The download" });
    if (error instanceof HubApiError) throw httpFailure({ url, status: error.statusCode });
    throw new CountersteerError("DOWNLOAD_FAILED", {
      what: `The hub did not give a checksum for ${file} of ${repo}.`,
      why: `Asking for it failed: ${messageOf(error)}.`,
      todo: "Check the network, or give the path of a local GGUF file.",
      facts: { url },
      cause: error,
    });
  }
}

/**
 * Downloads, verifies and moves the file to `targetPath`; returns its SHA-256. A download that an earlier run began is continued; if the
 * continued file has the wrong checksum it is fetched once more from the start.
 * Throws DOWNLOAD_FAILED, CHECKSUM_MISMATCH, DISK_FULL or ABORTED.
 */
export async function fetchFromHub(options: FetchFromHubOptions): Promise<string> {
  const { source, targetPath, signal, onProgress } = options;
  const hubUrl = options.hubUrl ?? HUB_URL;
  onProgress?.({ source: "hub", phase: "connect", done: 0, total: source.size });
  const timeout = AbortSignal.timeout(options.transfer?.connectTimeoutMs ?? 5_000);
  const expected =
    source.sha256 ??
    (await lfsHash(options, hubUrl, signal === undefined ? timeout : AbortSignal.any([signal, timeout])));
  await using part = await claimPartFile(targetPath);
  const path = source.file.split("/").map(encodeURIComponent).join("/");
  const url = `${hubUrl}/${source.repo}/resolve/${encodeURIComponent(source.revision)}/${path}`;
  const download = () =>
    downloadFile({
      url,
      partPath: part.path,
      signal,
      headers: options.hubToken === undefined ? {} : { Authorization: `Bearer ${options.hubToken}` },
      transfer: options.transfer ?? {},
      onBytes: (done, total) =>
        onProgress?.({ source: "hub", phase: "download", done, total: total ?? source.size }),
    });
  const { resumedFrom } = await download();
  if (resumedFrom > 0 && (await sha256File({ path: part.path, signal })) !== expected) {
    await rm(part.path, { force: true });
    await download();
  }
  await verifyFile({
    path: part.path,
    sha256: expected,
    from: url,
    signal,
    onBytes: (done) => onProgress?.({ source: "hub", phase: "verify", done, total: source.size }),
  });
  try {
    await rename(part.path, targetPath);
  } catch (cause) {
    throw writeError({ path: targetPath, cause });
  }
  return expected;
}
