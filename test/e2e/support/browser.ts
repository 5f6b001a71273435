/** Pages of a real Chromium, of which everything is kept that a reader would not see and a developer would. */
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from "playwright-core";
import { describe, inject } from "vitest";

/** A busy machine is slow: a limit against hangs, not a claim of speed. */
const PATIENCE_MS = 60_000;

/** Like `describe`; skipped where setup.ts was told to do without a browser. */
export const describeInBrowser = describe.skipIf(inject("chromium") === null);

export async function launch(): Promise<Browser> {
  const executablePath = inject("chromium");
  if (executablePath === null) throw new Error("setup.ts gave no Chromium");
  return await chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

export interface WatchedPage extends AsyncDisposable {
  page: Page;
  /** Errors of scripts, of the console and of the page's policy, and requests to another place than the viewer; empty as it should be. */
  faults: () => string[];
}

/** A page in a context of its own: nothing is stored yet. */
export async function openPage({
  browser,
  url,
  ...options
}: { browser: Browser; url: string } & BrowserContextOptions): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    reducedMotion: "reduce",
    ...options,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  context.setDefaultNavigationTimeout(PATIENCE_MS);
  const faults: string[] = [];
  const page = await context.newPage();
  page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) faults.push(`console: ${message.text()}`);
  });
  context.on("request", (request) => {
    if (!request.url().startsWith(`${new URL(url).origin}/`)) faults.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  return { page, faults: () => [...faults], [Symbol.asyncDispose]: () => context.close() };
}

/** The text of an element, with one space where there is any white space. */
export async function textOf(locator: Locator): Promise<string> {
  return ((await locator.textContent()) ?? "").replace(/\s+/g, " ").trim();
}
