import { expect, test } from "vitest";
import { describeInBrowser, textOf } from "./support/browser.ts";
import { closeClean, useHarness } from "./support/harness.ts";

describeInBrowser("comparing", () => {
  const harness = useHarness();

  test("two arms give a verdict, a table of pairs that adds up, and the trials that differ", async () => {
    const { open, runs } = harness();
    const watched = await open(`/run/${runs.plain}`);
    const { page } = watched;
    await page.getByRole("link", { name: "Which units differ" }).first().click();
    const pairs = page.getByRole("table", { name: /scored in both arms/ });
    await pairs.waitFor();
    const cells = await pairs.locator(".big-number").allInnerTexts();
    // 18 units: every fourth restarts in both arms, and the other third alone in the second
    expect(cells).toEqual(["5", "0", "4", "9"]);
    expect(await textOf(page.getByRole("status"))).toMatch(/focus.*steered|steered.*focus/);
    const differing = page.getByRole("table", { name: /leads to its trial/ });
    expect(await differing.getByRole("row").count()).toBe(1 + 4);
    await differing.getByRole("link", { name: "single attempt" }).first().click();
    await page.getByRole("heading", { level: 1, name: /^Trial steered-/ }).waitFor();
    await closeClean(watched);
  });

  test("arms that are chosen stand in the address", async () => {
    const { open, runs } = harness();
    const watched = await open("/compare");
    const { page } = watched;
    const reference = page.getByRole("group", { name: "Reference" });
    await reference.getByLabel("Run").selectOption(runs.plain);
    await reference.getByLabel("Arm").selectOption("focus");
    const treatment = page.getByRole("group", { name: "Treatment" });
    await treatment.getByLabel("Run").selectOption(runs.plain);
    await treatment.getByLabel("Arm").selectOption("steered");
    await page.waitForURL(/arm=focus.*arm2=steered/);
    await page.reload();
    await page.getByRole("table", { name: /scored in both arms/ }).waitFor();
    expect(await reference.getByLabel("Arm").inputValue()).toBe("focus");
    await closeClean(watched);
  });

  test("unequal runs are refused with the difference, and compare where that is allowed", async () => {
    const { open, runs } = harness();
    const watched = await open(`/compare?run=${runs.plain}&arm=steered&run2=${runs.other}&arm2=steered`);
    const { page } = watched;
    await page.getByText("RUNS_UNEQUAL").waitFor();
    await page.getByRole("button", { name: "Compare anyway" }).click();
    await page.getByText("The runs differ, which was allowed here:").waitFor();
    await page.getByText(/0\.9/).first().waitFor();
    // the browser itself writes down the refusal
    await closeClean(watched, /409/);
  });
});
