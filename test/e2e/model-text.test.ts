import { expect, test } from "vitest";
import { describeInBrowser } from "./support/browser.ts";
import { closeClean, useHarness } from "./support/harness.ts";
import { HOSTILE } from "./support/made-runs.ts";

describeInBrowser("what a model, a label or a name says", () => {
  const harness = useHarness();

  test("is shown as text on every page, and nothing of it runs", async () => {
    const { open, runs } = harness();
    const { hostile } = runs;
    const arm = encodeURIComponent(`steered ${HOSTILE}`);
    const arm2 = encodeURIComponent(`focus ${HOSTILE}`);
    for (const at of [
      "/",
      `/run/${hostile}`,
      `/run/${hostile}/trials?search=${encodeURIComponent("<script>")}`,
      `/run/${hostile}/trial/steered-0?beside=${arm2}`,
      `/compare?run=${hostile}&arm=${arm}&arm2=${arm2}`,
    ]) {
      const watched = await open(at);
      const { page } = watched;
      await page.locator("#main :text('<img src'):visible").first().waitFor();
      await page.waitForLoadState("networkidle");
      expect(await page.evaluate("window.hacked"), at).toBeUndefined();
      expect(
        await page.locator('img, iframe, object, [onerror], [onload], a[href^="javascript"]').count(),
        at,
      ).toBe(0);
      expect(await page.locator("#app script").count(), at).toBe(0);
      await closeClean(watched);
    }
  });

  test("stays text in the drawn figures", async () => {
    const { open, runs } = harness();
    const watched = await open(`/run/${runs.hostile}`);
    const { page } = watched;
    await page.locator("figure svg text", { hasText: "<script>" }).first().waitFor({ state: "attached" });
    expect(await page.locator("figure svg script, figure svg image, figure svg a").count()).toBe(0);
    expect(await page.evaluate("window.hacked")).toBeUndefined();
    await closeClean(watched);
  });
});
