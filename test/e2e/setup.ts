/** Before the first test in the browser: there is a Chromium, the app is built, and the playground's model is there. */
import type { TestProject } from "vitest/node";
import { cacheDir } from "../../src/model/cache-dir.ts";
import { resolveModel } from "../../src/model/resolve-model.ts";
import { buildApp } from "./support/build-app.ts";
import { findChromium } from "./support/chromium.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Chromium's program; null skips what needs it, which only COUNTERSTEER_NO_BROWSER=1 asks for. */
    chromium: string | null;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  if (process.env.COUNTERSTEER_NO_BROWSER === "1") {
    console.warn(
      "\n*** COUNTERSTEER_NO_BROWSER=1: the end-to-end tests of the viewer are SKIPPED. Nothing below says that it works. ***\n",
    );
    project.provide("chromium", null);
    return;
  }
  const chromium = findChromium();
  if (chromium === null) {
    throw new Error(
      "The end-to-end tests of the viewer need Chromium, and there is none. Install it (`apt-get install chromium`), " +
        "name one with CHROMIUM=/path/to/chromium, or skip these tests with COUNTERSTEER_NO_BROWSER=1.",
    );
  }
  if (buildApp()) console.log("end-to-end tests: built dist/web");
  await resolveModel({ model: "smollm2-135m", cacheDir: cacheDir({}) });
  project.provide("chromium", chromium);
}
