/** The pictures: which address, which window, and what must be there before. */
import type { Page } from "playwright-core";
import type { Chosen } from "./chosen.ts";

export interface Shot {
  /** `docs/images/view-NAME-light.png` and `-dark.png`. */
  name: string;
  /** Path and query. */
  at: string;
  /** Pixels. @default 1280 x 800 */
  size?: { width: number; height: number };
  ready: (page: Page) => Promise<unknown>;
}

const NARROW = { width: 400, height: 800 };
/** "island" of the default dictionary. */
const LATENT = 5303;

export function shotsOf({ run, arms: [arm, arm2], trial, pair, sae }: Chosen): Shot[] {
  const query = (fields: Record<string, string | number | null>) =>
    new URLSearchParams(
      Object.entries(fields).flatMap(([name, value]): [string, string][] =>
        value === null ? [] : [[name, String(value)]],
      ),
    );
  const trialAt = `/run/${run}/trial/${trial}`;
  const attempts = (page: Page) => page.locator(".attempt").nth(1).waitFor();
  const rates = (page: Page) => page.locator("figure svg").first().waitFor();
  return [
    {
      name: "runs",
      at: "/",
      ready: (page) => page.getByText("newest first").locator("code").waitFor(),
      size: { width: 1280, height: 640 },
    },
    { name: "run", at: `/run/${run}`, ready: rates, size: { width: 1280, height: 900 } },
    {
      name: "run-figures",
      at: `/run/${run}`,
      ready: async (page) => {
        await rates(page);
        await page.getByRole("heading", { name: "Figures" }).scrollIntoViewIfNeeded();
        await page.evaluate("document.querySelector('figure').scrollIntoView()");
      },
    },
    {
      name: "trials",
      at: `/run/${run}/trials?${query({ arm: arm2, sort: "change", direction: "down" })}`,
      ready: (page) => page.locator(".row-link").first().waitFor(),
    },
    { name: "trial", at: trialAt, ready: attempts },
    {
      name: "trial-beside",
      at: `/run/${pair.run}/trial/${pair.trial}?${query({ beside: pair.beside, curve: pair.curve })}`,
      ready: attempts,
      size: { width: 1280, height: 900 },
    },
    {
      name: "compare",
      at: `/compare?${query({ run, arm, arm2 })}`,
      ready: (page) => page.getByRole("table", { name: /scored in both arms/ }).waitFor(),
      size: { width: 1280, height: 900 },
    },
    {
      name: "latents",
      at: `/latents?${query({ search: "island" })}`,
      ready: (page) => page.locator(".latents-table a").first().waitFor(),
      size: { width: 1280, height: 640 },
    },
    {
      name: "latent",
      at: `/latents/${encodeURIComponent(sae)}/${LATENT}`,
      ready: (page) => page.getByRole("heading", { name: "Where it fires most" }).waitFor(),
    },
    {
      name: "playground",
      // what the trial was asked, asked again
      at: trialAt,
      ready: async (page) => {
        await page.getByRole("link", { name: "Replay with…", exact: true }).click();
        await page.getByRole("button", { name: "Run" }).click();
        await page
          .getByRole("link", { name: "Open the run" })
          .or(page.getByRole("button", { name: "Save 1 answer" }))
          .waitFor({ timeout: 550_000 });
        await page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)");
      },
      size: { width: 1280, height: 1120 },
    },
    { name: "run-narrow", at: `/run/${run}`, ready: rates, size: NARROW },
    { name: "trial-narrow", at: trialAt, ready: attempts, size: NARROW },
    {
      name: "trials-narrow",
      at: `/run/${run}/trials`,
      ready: (page) => page.locator(".row-link").first().waitFor(),
      size: NARROW,
    },
  ];
}
