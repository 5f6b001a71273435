import type { Locator } from "playwright-core";
import { expect, test } from "vitest";
import { describeInBrowser, textOf } from "./support/browser.ts";
import { closeClean, useHarness } from "./support/harness.ts";

describeInBrowser("the table of trials", () => {
  const harness = useHarness();

  test("is read by keyboard alone: arrows move, Enter opens, back returns to the same row", async () => {
    const { open, runs } = harness();
    const watched = await open(`/run/${runs.plain}/trials`);
    const { page } = watched;
    const grid = page.getByRole("grid", { name: "Trials" });
    await grid.getByRole("link").first().waitFor();
    for (let tabs = 0; tabs < 40 && !(await isFocused(grid)); tabs++) await page.keyboard.press("Tab");
    expect(await isFocused(grid)).toBe(true);
    for (const key of ["End", "Home", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"])
      await page.keyboard.press(key);
    const selected = grid.locator('[role=row][aria-selected="true"]');
    expect(await selected.getAttribute("aria-rowindex")).toBe(String(3 + 1));
    expect(await grid.getAttribute("aria-activedescendant")).toBe(await selected.getAttribute("id"));
    const text = await textOf(selected.locator(".row-link"));
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/trial\//);
    await page.locator(".response").waitFor();
    expect(await textOf(page.locator(".response"))).toContain(text.slice(0, 30));
    await page.goBack();
    await selected.waitFor();
    expect(await selected.getAttribute("aria-rowindex")).toBe("4");

    await page.keyboard.press("/");
    expect(await isFocused(page.getByRole("searchbox"))).toBe(true);
    await closeClean(watched);
  });

  test("has its filters, its order and its search in the address, and a reload finds the same", async () => {
    const { open, runs } = harness();
    const watched = await open(`/run/${runs.plain}/trials`);
    const { page } = watched;
    await page.getByLabel("Arm", { exact: true }).selectOption("focus");
    await page.getByLabel("Outcome").selectOption("multi-attempt");
    const last = page.getByRole("columnheader", { name: "Last" });
    await last.getByRole("button").click();
    await last.getByRole("button").click();
    await page.getByRole("searchbox").fill("lighthouses");
    await page.waitForURL(/search=lighthouses/);
    const state = async () => {
      await page.getByRole("row").getByRole("link").first().waitFor();
      return {
        query: new URL(page.url()).search,
        arm: await page.getByLabel("Arm", { exact: true }).inputValue(),
        outcome: await page.getByLabel("Outcome").inputValue(),
        order: await last.getAttribute("aria-sort"),
        search: await page.getByRole("searchbox").inputValue(),
        told: await textOf(page.getByText(/ of 36 trials/)),
        rows: await page.locator(".row-link").allInnerTexts(),
      };
    };
    await page.getByText("9 of 36 trials").waitFor();
    const before = await state();
    expect(before).toMatchObject({
      arm: "focus",
      outcome: "multi-attempt",
      order: "descending",
      search: "lighthouses",
    });
    expect(before.rows).toHaveLength(9);
    await page.reload();
    await page.getByText("9 of 36 trials").waitFor();
    expect(await state()).toEqual(before);
    await page.getByRole("button", { name: "Clear filters" }).click();
    await page.getByText("36 trials", { exact: true }).waitFor();
    await closeClean(watched);
  });
});

async function isFocused(locator: Locator): Promise<boolean> {
  return (await locator.and(locator.page().locator(":focus")).count()) === 1;
}
