import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { describeInBrowser, textOf } from "./support/browser.ts";
import { closeClean, useHarness } from "./support/harness.ts";
import { ANSWER, DRIFT, RESTART } from "./support/made-runs.ts";

describeInBrowser("from a rate to the token", () => {
  const harness = useHarness();

  test("three clicks lead from the link to a trial, whose attempts are marked where the judge says and whose tokens are coloured", async () => {
    const watched = await harness().open();
    const { page } = watched;
    // the token left the address before it could be copied or kept in the history
    await page.getByRole("heading", { level: 1 }).waitFor();
    expect(page.url()).not.toContain("token");

    await page.getByRole("link", { name: "esr-plain" }).click();
    const rates = page.getByRole("table", { name: /^Value/ });
    await rates
      .getByRole("row", { name: /^steered/ })
      .getByRole("link")
      .first()
      .click();
    const row = page
      .getByRole("row", { name: /improved/ })
      .getByRole("link")
      .first();
    await row.waitFor();
    expect(new URL(page.url()).searchParams.get("outcome")).toBe("multi-attempt");
    await row.click();

    const attempts = page.locator(".attempt");
    await attempts.first().waitFor();
    expect(await attempts.count()).toBe(2);
    expect(await textOf(attempts.nth(0).locator(".attempt-head"))).toMatch(/Attempt 1\s+score 25/);
    expect(await textOf(attempts.nth(0).locator(".response-text"))).toBe(DRIFT);
    expect(await textOf(attempts.nth(1).locator(".attempt-head"))).toMatch(/Attempt 2\s+score 87.5/);
    expect(await textOf(attempts.nth(1).locator(".response-text"))).toBe(`${RESTART} ${ANSWER}`);
    expect(await textOf(attempts.nth(1).locator(".restart"))).toBe(RESTART);

    await page.getByLabel("Averaged over").selectOption("one token");
    // what drifts is off topic, what answers is on topic, and the legend says so
    expect(await textOf(attempts.nth(0).locator("[class^=off-]"))).toBe(DRIFT);
    expect(await attempts.nth(1).locator("[class*=on-]").count()).toBeGreaterThan(0);
    expect(await attempts.nth(1).locator("[class*=off-]").count()).toBe(0);
    const legend = page.getByRole("list", { name: "Colours" });
    await legend
      .getByText(/nats off topic$/)
      .first()
      .waitFor();
    await legend
      .getByText(/nats on topic$/)
      .first()
      .waitFor();

    await page.getByLabel("Colour tokens by").selectOption({ label: await steeredLatent(page) });
    await attempts.nth(0).locator("[class^=fires-5]").waitFor();
    expect(new URL(page.url()).searchParams.get("curve")).toMatch(/^latent:\d+$/);
    await closeClean(watched);
  });

  test("the token under the slider is told in words, by keyboard alone, and stands in the address", async () => {
    const { open, runs } = harness();
    const watched = await open(`/run/${runs.plain}/trial/steered-0`);
    const { page } = watched;
    const slider = page.getByRole("slider", { name: "Token" });
    await slider.focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowRight");
    await page.waitForURL(/token=1/);
    expect(await slider.getAttribute("aria-valuetext")).toContain("Token 2 of");
    expect(await slider.getAttribute("aria-valuetext")).toContain("the");
    expect(await page.getByText(/^Token 2 of \d+ “ the”: -?−?1\.2/).count()).toBe(1);
    await closeClean(watched);
  });

  test("the paired arm stands beside it, with its own attempts", async () => {
    const { open, runs } = harness();
    const watched = await open(`/run/${runs.plain}/trial/steered-3`);
    const { page } = watched;
    await page.getByLabel("Beside it, the same unit in").selectOption("focus");
    const beside = page.getByRole("region", { name: "Response of focus, beside" });
    await beside.getByText("Attempt 2").waitFor();
    const own = page.getByRole("region", { name: "Response of steered", exact: true });
    expect(await own.getByText("Attempt 2").count()).toBe(0);
    await page.reload();
    await beside.getByText("Attempt 2").waitFor();
    await closeClean(watched);
  });
});

async function steeredLatent(page: Page): Promise<string> {
  const names = await page.getByLabel("Colour tokens by").locator("option").allInnerTexts();
  const name = names.find((each) => each.startsWith("steered latent"));
  if (name === undefined) throw new Error(`no steered latent among ${names.join(", ")}`);
  return name;
}
