/**
 * Opens a link in the person's browser. The link holds a token, and what a process was started with is shown to every user of the machine: so the
 * browser is given a file that only this user can read, which leads on to the link.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { escapeHtml } from "../../report/html/html.ts";

export interface OpenBrowserOptions {
  link: string;
  /** @default process.platform */
  platform?: NodeJS.Platform;
  /** Program and first arguments that open a file, in place of the system's own. */
  opener?: readonly [string, ...string[]];
}

export interface OpenedBrowser {
  /** Whether the system said that it opened something. */
  isOpen: boolean;
  /** Removes the file. */
  forget: () => void;
}

const OPENERS: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", ""],
};

/** Never throws: a machine may have no browser. */
export async function openBrowser(options: OpenBrowserOptions): Promise<OpenedBrowser> {
  const { link, platform = process.platform, opener = OPENERS[platform] ?? ["xdg-open"] } = options;
  const folder = mkdtempSync(path.join(tmpdir(), "countersteer-view-"));
  const file = path.join(folder, "open.html");
  const target = escapeHtml(link);
  writeFileSync(
    file,
    `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${target}"><a href="${target}">Countersteer</a>\n`,
    { mode: 0o600 },
  );
  const forget = () => rmSync(folder, { recursive: true, force: true });
  const [program, ...args] = opener;
  const child = spawn(program, [...args, file], { stdio: "ignore", detached: true });
  child.unref();
  try {
    const [code] = await once(child, "exit");
    return { isOpen: code === 0, forget };
  } catch {
    return { isOpen: false, forget };
  }
}
