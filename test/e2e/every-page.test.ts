import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { describeInBrowser } from "./support/browser.ts";
import { closeClean, type Harness, useHarness } from "./support/harness.ts";

interface PageCase {
  name: string;
  at: (harness: Harness) => string;
  /** Shows that the page has what it is for. */
  ready: (page: Page) => Promise<unknown>;
  /** Of what the server refuses here, which the browser itself writes down. */
  refused?: RegExp;
}

const PAGES: readonly PageCase[] = [
  { name: "runs", at: () => "/", ready: (page) => page.getByRole("link", { name: "esr-plain" }).waitFor() },
  {
    name: "run",
    at: ({ runs }) => `/run/${runs.plain}`,
    ready: (page) => page.locator("figure svg").first().waitFor(),
  },
  {
    name: "trials",
    at: ({ runs }) => `/run/${runs.plain}/trials`,
    ready: (page) => page.locator(".row-link").first().waitFor(),
  },
  {
    name: "trial",
    at: ({ runs }) => `/run/${runs.plain}/trial/steered-0?beside=focus`,
    ready: (page) => page.locator(".attempt").nth(3).waitFor(),
  },
  {
    name: "run of long names",
    at: ({ runs }) => `/run/${runs.hostile}`,
    ready: (page) => page.locator("figure svg").first().waitFor(),
  },
  {
    name: "trial of long names",
    at: ({ runs }) => `/run/${runs.hostile}/trial/steered-0`,
    ready: (page) => page.locator(".attempt").nth(1).waitFor(),
  },
  {
    name: "compare",
    at: ({ runs }) => `/compare?run=${runs.plain}&arm=steered&arm2=focus`,
    ready: (page) => page.getByRole("table", { name: /scored in both arms/ }).waitFor(),
  },
  {
    name: "latents",
    at: () => "/latents",
    ready: (page) => page.locator(".latents-table a").first().waitFor(),
  },
  {
    name: "latent",
    at: () => "/latents?search=island",
    ready: async (page) => {
      await page.locator(".latents-table a").first().click();
      await page.getByRole("heading", { name: "Where it fires most" }).waitFor();
    },
  },
  {
    name: "playground",
    at: () => "/playground?prompt=How%20do%20I%20boil%20an%20egg%3F&latent=479",
    ready: (page) => page.getByRole("form").waitFor(),
  },
  { name: "no such page", at: () => "/nowhere", ready: (page) => page.getByText("Nothing lies").waitFor() },
  {
    name: "no such run",
    at: () => "/run/nowhere",
    ready: (page) => page.getByRole("alert").waitFor(),
    refused: /404/,
  },
];

describeInBrowser("every page", () => {
  const harness = useHarness({ args: [] });

  test.each(PAGES)(
    "the page $name has no violation that axe calls serious or critical, light or dark",
    async ({ at, ready, refused }) => {
      for (const colorScheme of ["light", "dark"] as const) {
        const watched = await harness().open(at(harness()), { colorScheme });
        const { page } = watched;
        await ready(page);
        const { violations, passes } = await new AxeBuilder({ page }).analyze();
        expect(passes.length).toBeGreaterThan(5);
        const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
        const told = grave.map(
          ({ id, nodes }) => `${colorScheme} ${id}: ${nodes.map(({ html }) => html).join(" ")}`,
        );
        expect(told).toEqual([]);
        await closeClean(watched, refused);
      }
    },
  );

  test.each(PAGES)("the page $name fits a window of 400 pixels", async ({ at, ready, refused }) => {
    const watched = await harness().open(at(harness()), { viewport: { width: 400, height: 800 } });
    const { page } = watched;
    await ready(page);
    expect(Number(await page.evaluate("document.documentElement.scrollWidth"))).toBeLessThanOrEqual(400);
    await closeClean(watched, refused);
  });
});
