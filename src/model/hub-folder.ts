/** Fetches the files of one folder of a Hugging Face hub repository, each verified against what the hub's own record says. */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { HUB_URL, HubApiError, listFiles } from "@huggingface/hub";
import { z } from "zod";
import { CountersteerError, messageOf } from "../errors.ts";
import { throwIfAborted } from "./aborted.ts";
import { writeError } from "./disk-error.ts";
import { downloadFile } from "./download.ts";
import { httpFailure } from "./http-failure.ts";
import { fetchFromHub, type HubOptions } from "./hub-source.ts";
import { claimPartFile } from "./part-file.ts";
import { patientFetch } from "./patient-fetch.ts";
import type { OnProgress } from "./progress.ts";

export interface HubFolder {
  /** `owner/name` */
  repo: string;
  /** Commit, tag or branch. */
  revision: string;
  /** Folder in the repository, or one file of it; empty for its root. */
  path: string;
}

export interface FetchHubFolderOptions extends HubOptions {
  source: HubFolder;
  /** The local folder that the files go to. */
  folder: string;
  /** Which files of the folder are wanted, by their names. */
  wanted: (name: string) => boolean;
  signal?: AbortSignal | undefined;
  onProgress?: OnProgress | undefined;
}

const RecordSchema = z.object({
  type: z.enum(["file", "directory", "unknown"]),
  path: z.string(),
  size: z.number().int().nonnegative(),
  oid: z.string().optional(),
  lfs: z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/) }).optional(),
});
type HubRecord = z.infer<typeof RecordSchema>;

const DoneSchema = z.object({ files: z.array(z.object({ name: z.string(), hash: z.string() })) });
const FILE = /\.(?:safetensors|npz|pth?|json)$/;

/** Lies beside the files once all are there, so that a finished folder needs no network. */
function markerOf({ path }: HubFolder): string {
  return FILE.test(path) ? `.${basename(path)}.complete.json` : ".complete.json";
}

/**
 * Names of the files that are now in `folder`. A folder that is complete is not asked for again.
 * Throws DOWNLOAD_FAILED (which tells a gated repository from a broken network, and names the sub-folders of a folder that holds nothing
 * wanted), CHECKSUM_MISMATCH, DISK_FULL or ABORTED.
 */
export async function fetchHubFolder(options: FetchHubFolderOptions): Promise<string[]> {
  const { source, folder, signal } = options;
  const marker = join(folder, markerOf(source));
  const done = await readDone(marker);
  if (done !== null) return done;
  const hubUrl = options.hubUrl ?? HUB_URL;
  const records = await listing({ ...options, hubUrl });
  const files = records.filter(({ type, path }) => type === "file" && options.wanted(basename(path)));
  if (files.length === 0) throw nothingWanted({ source, records, hubUrl });
  const fetched: { name: string; hash: string }[] = [];
  for (const record of files) {
    throwIfAborted({ signal, what: "The download" });
    const targetPath = join(folder, basename(record.path));
    const { repo, revision } = source;
    const hash =
      record.lfs === undefined
        ? await fetchSmall({ ...options, hubUrl, record, targetPath })
        : await fetchFromHub({
            ...options,
            source: { repo, revision, file: record.path, sha256: record.lfs.oid, size: record.size },
            targetPath,
          });
    fetched.push({ name: basename(record.path), hash });
  }
  try {
    await writeFile(`${marker}.part`, JSON.stringify({ ...source, files: fetched }, null, 2));
    await rename(`${marker}.part`, marker);
  } catch (cause) {
    throw writeError({ path: folder, cause });
  }
  return fetched.map(({ name }) => name);
}

async function readDone(marker: string): Promise<string[] | null> {
  try {
    const json: unknown = JSON.parse(await readFile(marker, "utf8"));
    return DoneSchema.parse(json).files.map(({ name }) => name);
  } catch {
    return null;
  }
}

async function listing(options: FetchHubFolderOptions & { hubUrl: string }): Promise<HubRecord[]> {
  const { source, hubUrl, hubToken, transfer, signal } = options;
  const { repo, revision, path } = source;
  const isFile = FILE.test(path);
  const patient = patientFetch(transfer ?? {});
  const url = `${hubUrl}/${repo}`;
  try {
    const records: HubRecord[] = [];
    const entries = listFiles({
      repo,
      revision,
      path: isFile ? dirname(path).replace(/^\.$/, "") : path,
      hubUrl,
      fetch: (input, init) => patient(input, { ...init, ...(signal === undefined ? {} : { signal }) }),
      ...(hubToken === undefined ? {} : { accessToken: hubToken }),
    });
    for await (const entry of entries) records.push(RecordSchema.parse(entry));
    return isFile ? records.filter((record) => record.path === path) : records;
  } catch (error) {
    throwIfAborted({ signal, what: "The download" });
    if (error instanceof HubApiError) throw httpFailure({ url: `${url}/${path}`, status: error.statusCode });
    throw new CountersteerError("DOWNLOAD_FAILED", {
      what: `The hub did not list the files of ${repo}/${path}.`,
      why: `Asking for them failed: ${messageOf(error)}.`,
      todo: "Check the network, or download the folder elsewhere and give its path.",
      facts: { url, path },
      cause: error,
    });
  }
}

/** A file that is kept in git itself; its record is the SHA-1 of git's blob. Returns that hash. */
async function fetchSmall(
  options: FetchHubFolderOptions & { hubUrl: string; record: HubRecord; targetPath: string },
): Promise<string> {
  const { source, hubUrl, hubToken, transfer, signal, record, targetPath, onProgress } = options;
  const path = record.path.split("/").map(encodeURIComponent).join("/");
  const url = `${hubUrl}/${source.repo}/resolve/${encodeURIComponent(source.revision)}/${path}`;
  await mkdir(dirname(targetPath), { recursive: true });
  await using part = await claimPartFile(targetPath);
  // too small to be worth continuing
  await rm(part.path, { force: true });
  await downloadFile({
    url,
    partPath: part.path,
    signal,
    headers: hubToken === undefined ? {} : { Authorization: `Bearer ${hubToken}` },
    transfer: transfer ?? {},
    onBytes: (done, total) =>
      onProgress?.({ source: "hub", phase: "download", done, total: total ?? record.size }),
  });
  const bytes = await readFile(part.path);
  const actual = createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
  if (record.oid !== undefined && record.oid !== actual) {
    await rm(part.path, { force: true });
    throw new CountersteerError("CHECKSUM_MISMATCH", {
      what: `The file from ${url} is not the expected one and was removed.`,
      why: `Its git hash is ${actual}, it should be ${record.oid}.`,
      todo: "Run the command again; if it happens again, a proxy or a mirror changes the file.",
      facts: { url, expected: record.oid, actual },
    });
  }
  try {
    await rename(part.path, targetPath);
  } catch (cause) {
    throw writeError({ path: targetPath, cause });
  }
  return actual;
}

function nothingWanted({
  source,
  records,
  hubUrl,
}: {
  source: HubFolder;
  records: HubRecord[];
  hubUrl: string;
}): CountersteerError {
  const { repo, path } = source;
  const inside = records.map((record) => basename(record.path) + (record.type === "directory" ? "/" : ""));
  const shown = inside.slice(0, 12).join(", ");
  return new CountersteerError("DOWNLOAD_FAILED", {
    what: `${repo}/${path} on the hub holds no SAE.`,
    why:
      inside.length === 0
        ? "There is nothing by this name."
        : `It holds ${shown}${inside.length > 12 ? " and more" : ""}.`,
    todo: "Name the folder that holds the weights, or the weights file itself.",
    facts: { url: `${hubUrl}/${repo}`, path, inside },
  });
}
