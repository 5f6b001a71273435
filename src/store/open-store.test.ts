import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { manifestRecord, trialRecord } from "../../test/support/run-records.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { CountersteerError } from "../errors.ts";
import { checkPlaceOfRun, createRun, openRun } from "./open-store.ts";

const WRITER = fileURLToPath(new URL("../../test/support/trial-writer.ts", import.meta.url));

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof CountersteerError ? error.code : `uncoded: ${String(error)}`;
  }
  return "no error";
}

/** A process that writes trials until it is killed; `next` gives the key of the next one it says is stored. */
function startWriter(dir: string) {
  const child = spawn(process.execPath, [WRITER, dir], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const line = await lines.next();
    if (line.done) {
      throw new Error("the writer ended by itself");
    }
    return line.value;
  };
  const kill = async (): Promise<string[]> => {
    child.kill("SIGKILL");
    await once(child, "exit");
    const rest: string[] = [];
    for (let line = await lines.next(); !line.done; line = await lines.next()) {
      rest.push(line.value);
    }
    return rest;
  };
  return { pid: child.pid, next, kill };
}

describe("a run folder", () => {
  it("gives back the manifest it was made with", async () => {
    await using folder = await temporaryFolder();
    const dir = path.join(folder.path, "new", "run");
    createRun({ dir, manifest: manifestRecord() }).close();
    using store = openRun({ dir, mode: "read" });
    expect(store.manifest()).toEqual(manifestRecord());
  });

  it("is looked at before a run begins, and nothing is left there", async () => {
    await using folder = await temporaryFolder();
    const dir = path.join(folder.path, "new", "run");
    expect(() => checkPlaceOfRun({ dir })).not.toThrow();
    expect(readdirSync(folder.path)).toEqual([]);
    const store = createRun({ dir, manifest: manifestRecord() });
    expect(codeOf(() => checkPlaceOfRun({ dir }))).toBe("RUN_LOCKED");
    store.close();
    expect(codeOf(() => checkPlaceOfRun({ dir }))).toBe("RUN_EXISTS");
    writeFileSync(path.join(folder.path, "file"), "");
    const below = path.join(folder.path, "file", "run");
    expect(() => checkPlaceOfRun({ dir: below })).toThrow(expect.objectContaining({ code: "ENOTDIR" }));
  });

  it("is never made over an existing run", async () => {
    await using folder = await temporaryFolder();
    createRun({ dir: folder.path, manifest: manifestRecord() }).close();
    expect(codeOf(() => createRun({ dir: folder.path, manifest: manifestRecord({ seed: 2 }) }))).toBe(
      "RUN_EXISTS",
    );
    using store = openRun({ dir: folder.path, mode: "write" });
    expect(store.manifest().seed).toBe(1);
  });

  it("can be made where making one was cut off before the first commit", async () => {
    await using folder = await temporaryFolder();
    writeFileSync(path.join(folder.path, "run.sqlite"), "");
    expect(codeOf(() => openRun({ dir: folder.path, mode: "write" }))).toBe("RUN_NOT_FOUND");
    using store = createRun({ dir: folder.path, manifest: manifestRecord() });
    expect(store.manifest()).toEqual(manifestRecord());
  });

  it("refuses what is no run, damaged, or of an unknown version", async () => {
    await using folder = await temporaryFolder();
    const dir = folder.path;
    const file = path.join(dir, "run.sqlite");
    expect(codeOf(() => openRun({ dir, mode: "read" }))).toBe("RUN_NOT_FOUND");
    expect(codeOf(() => openRun({ dir: path.join(dir, "nowhere"), mode: "write" }))).toBe("RUN_NOT_FOUND");

    writeFileSync(file, "not a database ".repeat(100));
    expect(codeOf(() => openRun({ dir, mode: "read" }))).toBe("STORE_CORRUPT");
    expect(codeOf(() => openRun({ dir, mode: "write" }))).toBe("STORE_CORRUPT");

    writeFileSync(file, "");
    const foreign = new DatabaseSync(file);
    foreign.exec("CREATE TABLE songs (title TEXT)");
    foreign.close();
    expect(() => openRun({ dir, mode: "read" })).toThrow(/another program/);
    expect(codeOf(() => openRun({ dir, mode: "write" }))).toBe("STORE_CORRUPT");
  });

  it("refuses a newer schema version by number", async () => {
    await using folder = await temporaryFolder();
    createRun({ dir: folder.path, manifest: manifestRecord() }).close();
    const db = new DatabaseSync(path.join(folder.path, "run.sqlite"));
    db.exec("PRAGMA user_version = 7");
    db.close();
    expect(codeOf(() => openRun({ dir: folder.path, mode: "read" }))).toBe("STORE_CORRUPT");
    expect(() => openRun({ dir: folder.path, mode: "write" })).toThrow(
      /version 7.*knows none above version 2/,
    );
  });

  it("names the table of a row that something else has changed", async () => {
    await using folder = await temporaryFolder();
    using store = createRun({ dir: folder.path, manifest: manifestRecord() });
    store.putTrial(trialRecord());
    const db = new DatabaseSync(path.join(folder.path, "run.sqlite"));
    db.exec("UPDATE trials SET receipt = '{\"layer\":1}'");
    db.close();
    expect(codeOf(() => store.trial("trial-1"))).toBe("STORE_CORRUPT");
    expect(() => store.trial("trial-1")).toThrow(/table trials/);
  });

  it("has one writer and any number of readers", async () => {
    await using folder = await temporaryFolder();
    const dir = folder.path;
    const writer = createRun({ dir, manifest: manifestRecord() });
    expect(codeOf(() => openRun({ dir, mode: "write" }))).toBe("RUN_LOCKED");
    using first = openRun({ dir, mode: "read" });
    using second = openRun({ dir, mode: "read" });
    writer.putTrial(trialRecord());
    expect([...first.trialKeys(), ...second.trialKeys()]).toEqual(["trial-1", "trial-1"]);
    expect(() => first.putTrial(trialRecord({ key: "other" }))).toThrow(/readonly/);
    writer.close();
    writer.close();
    openRun({ dir, mode: "write" }).close();
  });

  it("can be read from a medium that can't be written", async () => {
    await using folder = await temporaryFolder();
    createRun({ dir: folder.path, manifest: manifestRecord() }).close();
    const script = `
      const { openRun } = await import(${JSON.stringify(new URL("./open-store.ts", import.meta.url).href)});
      console.log(openRun({ dir: ${JSON.stringify(folder.path)}, mode: "read" }).manifest().judge.id);`;
    chmodSync(folder.path, 0o555);
    // permissions don't bind root
    const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], { ...user, stdio: "pipe" });
    const output: string[] = [];
    child.stdout.on("data", (data: Buffer) => output.push(String(data)));
    child.stderr.on("data", (data: Buffer) => output.push(String(data)));
    await once(child, "close");
    chmodSync(folder.path, 0o755);
    expect(output.join("").trim()).toBe(manifestRecord().judge.id);
  });
});

describe("two processes", { timeout: 60_000 }, () => {
  it("the second writer is refused with the pid of the first; the lock of a dead process is taken over", async () => {
    await using folder = await temporaryFolder();
    const dir = folder.path;
    createRun({ dir, manifest: manifestRecord() }).close();
    const writer = startWriter(dir);
    await writer.next();
    try {
      openRun({ dir, mode: "write" });
      expect.fail("two writers");
    } catch (error) {
      expect(error).toMatchObject({ code: "RUN_LOCKED", facts: { pid: writer.pid } });
    }
    expect(codeOf(() => createRun({ dir, manifest: manifestRecord() }))).toBe("RUN_LOCKED");
    await writer.kill();
    expect(readFileSync(path.join(dir, "run.lock-owner.json"), "utf8")).toContain(String(writer.pid));
    openRun({ dir, mode: "write" }).close();
  });

  it("a reader sees each trial as soon as the writer says it is stored", async () => {
    await using folder = await temporaryFolder();
    createRun({ dir: folder.path, manifest: manifestRecord() }).close();
    const writer = startWriter(folder.path);
    const key = await writer.next();
    using reader = openRun({ dir: folder.path, mode: "read" });
    expect(reader.trialKeys()).toContain(key);
    const later = await writer.next();
    expect(reader.trialKeys()).toContain(later);
    await writer.kill();
  });
});

describe("a trial is never lost, doubled or invented", { timeout: 60_000 }, () => {
  it("after kill -9, again and again, every acknowledged row is there exactly once", async () => {
    await using folder = await temporaryFolder();
    const dir = folder.path;
    createRun({ dir, manifest: manifestRecord() }).close();
    const acknowledged = new Set<string>();
    for (let kill = 0; kill < 5; kill++) {
      const writer = startWriter(dir);
      for (let i = 0; i < 20 + 7 * kill; i++) {
        acknowledged.add(await writer.next());
      }
      for (const key of await writer.kill()) {
        acknowledged.add(key);
      }
      using reader = openRun({ dir, mode: "read" });
      const rows = [...reader.judged()];
      const stored = rows.map(({ trial }) => trial.key);
      const present = new Set(stored);
      expect(present.size).toBe(stored.length);
      expect([...acknowledged].filter((key) => !present.has(key))).toEqual([]);
      // at most the one write that the kill fell between commit and acknowledgement, each time
      expect(stored.length - acknowledged.size).toBeLessThanOrEqual(kill + 1);
      expect(rows.filter(({ trial, judgement }) => judgement?.trialKey !== trial.key)).toEqual([]);
    }
  });

  it("a copy of the folder taken while a writer is killed opens", async () => {
    await using folder = await temporaryFolder();
    const dir = path.join(folder.path, "run");
    createRun({ dir, manifest: manifestRecord() }).close();
    const writer = startWriter(dir);
    await writer.next();
    const rest = await writer.kill();
    cpSync(dir, path.join(folder.path, "copy"), { recursive: true });
    using store = openRun({ dir: path.join(folder.path, "copy"), mode: "write" });
    expect(store.counts().trials).toBeGreaterThanOrEqual(1 + rest.length);
  });
});
