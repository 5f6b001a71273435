import { existsSync } from "node:fs";
import { readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { closedAddress, startHub, type Turn } from "../../test/support/hub-server.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { CountersteerError } from "../errors.ts";
import { downloadFile } from "./download.ts";

const path = "/file";
const content = Buffer.from(Array.from({ length: 40_000 }, (_, index) => (index * 31 + (index >> 8)) & 255));

/** Runs one download against a scripted server; waits are noted in place of being slept through. */
async function download({
  script = [],
  already,
  partPath,
  ...transfer
}: {
  script?: Turn[];
  already?: Buffer;
  partPath?: string;
  retries?: number;
  stallTimeoutMs?: number;
  connectTimeoutMs?: number;
  longestWaitMs?: number;
}) {
  await using folder = await temporaryFolder();
  await using hub = await startHub({ path, content, script });
  const part = partPath ?? join(folder.path, "part");
  if (already !== undefined) await writeFile(part, already);
  const waits: number[] = [];
  const sleep = async (ms: number) => void waits.push(ms);
  const outcome = await downloadFile({
    url: hub.url + path,
    partPath: part,
    transfer: { ...transfer, sleep },
  }).catch((error: unknown) => error);
  const ranges = hub.seen.filter(({ host }) => host === "files").map(({ range }) => range);
  const got = existsSync(part) && partPath === undefined ? await readFile(part) : null;
  return { outcome, ranges, waits, got };
}

function codeOf(outcome: unknown): unknown {
  return outcome instanceof CountersteerError ? outcome.code : outcome;
}

test("a redirected file arrives whole", async () => {
  const { outcome, got, ranges } = await download({});
  expect(outcome).toEqual({ resumedFrom: 0 });
  expect(got?.equals(content)).toBe(true);
  expect(ranges).toEqual([null]);
});

test("a connection that breaks is continued where it stopped, as often as it makes progress", async () => {
  const cut: Turn = { kind: "cut", after: 6000 };
  const { outcome, got, ranges } = await download({ script: [cut, cut, cut, cut, cut], retries: 1 });
  expect(outcome).toEqual({ resumedFrom: 0 });
  expect(got?.equals(content)).toBe(true);
  expect(ranges).toEqual([null, ...[6000, 12000, 18000, 24000, 30000].map((at) => `bytes=${at}-`)]);
});

test("what an earlier run left is not asked for again", async () => {
  const { outcome, got, ranges } = await download({ already: content.subarray(0, 12_345) });
  expect(outcome).toEqual({ resumedFrom: 12_345 });
  expect(got?.equals(content)).toBe(true);
  expect(ranges).toEqual(["bytes=12345-"]);
});

test("a part that is complete already is kept", async () => {
  const { outcome, got } = await download({ already: content });
  expect(outcome).toEqual({ resumedFrom: content.length });
  expect(got?.equals(content)).toBe(true);
});

test("a part that is longer than the file is thrown away", async () => {
  const { outcome, got } = await download({ already: Buffer.concat([content, content]) });
  expect(outcome).toEqual({ resumedFrom: 0 });
  expect(got?.equals(content)).toBe(true);
});

test("a server that ignores ranges sends the file from the start", async () => {
  const { got } = await download({ already: Buffer.alloc(100), script: [{ kind: "ignore-range" }] });
  expect(got?.equals(content)).toBe(true);
});

test("a server that goes silent is left and asked again", async () => {
  const { got, ranges } = await download({ script: [{ kind: "stall", after: 500 }], stallTimeoutMs: 100 });
  expect(got?.equals(content)).toBe(true);
  expect(ranges).toEqual([null, "bytes=500-"]);
});

describe("answers that are not the file", () => {
  test.each([401, 403, 404])("%i ends the download at once", async (status) => {
    const { outcome, ranges } = await download({ script: [{ kind: "status", status }] });
    expect(outcome).toMatchObject({ code: "DOWNLOAD_FAILED", facts: { status } });
    expect(ranges).toHaveLength(1);
  });

  test("429 is waited out for as long as the server asks", async () => {
    const busy: Turn = { kind: "status", status: 429, headers: { "retry-after": "7" } };
    const { got, waits } = await download({ script: [busy, busy] });
    expect(got?.equals(content)).toBe(true);
    expect(waits).toEqual([7000, 7000]);
  });

  test("429 that asks for too long a wait ends the download without waiting", async () => {
    const busy: Turn = { kind: "status", status: 429, headers: { "retry-after": "3600" } };
    const { outcome, waits } = await download({ script: [busy] });
    expect(outcome).toMatchObject({ code: "DOWNLOAD_FAILED", facts: { status: 429 } });
    expect(waits).toEqual([]);
  });

  test("503 without end is given up after the retries, with growing waits, and what is there stays", async () => {
    const script = Array.from({ length: 9 }, (): Turn => ({ kind: "status", status: 503 }));
    const already = content.subarray(0, 10);
    const { outcome, waits, ranges, got } = await download({ script, retries: 3, already });
    expect(outcome).toMatchObject({ code: "DOWNLOAD_FAILED", facts: { status: 503 } });
    expect(waits).toEqual([1000, 2000, 4000]);
    expect(ranges).toHaveLength(4);
    expect(got?.equals(already)).toBe(true);
  });
});

test("a server that can't be reached is not tried again, and the cause is named", async () => {
  await using folder = await temporaryFolder();
  const waits: number[] = [];
  const sleep = async (ms: number) => void waits.push(ms);
  const work = downloadFile({
    url: await closedAddress(),
    partPath: join(folder.path, "part"),
    transfer: { sleep },
  });
  await expect(work).rejects.toMatchObject({
    code: "DOWNLOAD_FAILED",
    why: expect.stringContaining("ECONNREFUSED"),
  });
  expect(waits).toEqual([]);
});

test("a server that accepts and never answers counts as not reached", async () => {
  await using folder = await temporaryFolder();
  const never: typeof fetch = (_url, init) =>
    new Promise((_resolve, reject) =>
      init?.signal?.addEventListener("abort", () => reject(init.signal?.reason)),
    );
  const transfer = { fetch: never, connectTimeoutMs: 20 };
  const work = downloadFile({ url: "http://127.0.0.1", partPath: join(folder.path, "part"), transfer });
  await expect(work).rejects.toMatchObject({
    code: "DOWNLOAD_FAILED",
    why: expect.stringContaining("no answer"),
  });
});

test.skipIf(!existsSync("/dev/full"))("a full disk is DISK_FULL and is not tried again", async () => {
  await using folder = await temporaryFolder();
  const partPath = join(folder.path, "full");
  await symlink("/dev/full", partPath);
  const { outcome, ranges } = await download({ partPath });
  expect(codeOf(outcome)).toBe("DISK_FULL");
  expect(ranges).toHaveLength(1);
});

test("an abort ends the download and keeps what is there", async () => {
  await using folder = await temporaryFolder();
  await using hub = await startHub({ path, content, script: [{ kind: "stall", after: 500 }] });
  const partPath = join(folder.path, "part");
  const controller = new AbortController();
  const onBytes = (done: number) => done >= 500 && controller.abort();
  const work = downloadFile({ url: hub.url + path, partPath, signal: controller.signal, onBytes });
  await expect(work).rejects.toMatchObject({ code: "ABORTED" });
  expect((await readFile(partPath)).equals(content.subarray(0, 500))).toBe(true);
});

test("an abort while waiting for a retry ends the wait", async () => {
  await using folder = await temporaryFolder();
  await using hub = await startHub({ path, content, script: [{ kind: "status", status: 503 }] });
  const controller = new AbortController();
  const now = () => {
    setTimeout(() => controller.abort(), 5);
    return 0;
  };
  const work = downloadFile({
    url: hub.url + path,
    partPath: join(folder.path, "p"),
    signal: controller.signal,
    transfer: { now },
  });
  await expect(work).rejects.toMatchObject({ code: "ABORTED" });
});

test("progress never goes back and ends at the whole", async () => {
  await using folder = await temporaryFolder();
  await using hub = await startHub({ path, content, script: [{ kind: "cut", after: 9000 }] });
  const seen: [number, number | null][] = [];
  const transfer = { sleep: async () => {} };
  const onBytes = (done: number, total: number | null) => void seen.push([done, total]);
  await downloadFile({ url: hub.url + path, partPath: join(folder.path, "part"), transfer, onBytes });
  const dones = seen.map(([done]) => done);
  expect(dones).toEqual([...dones].sort((a, b) => a - b));
  expect(seen.at(-1)).toEqual([content.length, content.length]);
  expect(new Set(seen.map(([, total]) => total))).toEqual(new Set([content.length]));
});
