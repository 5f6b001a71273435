import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { describeInBrowser, textOf } from "./support/browser.ts";
import { closeClean, useHarness } from "./support/harness.ts";
import { ADAPTER } from "./support/made-runs.ts";

const QUESTION = "How do I boil an egg?";

describeInBrowser("the playground on the default model", () => {
  const harness = useHarness({ args: ["--workers", "1", "--threads", "1"] });

  test("streams both answers, stops when it is told to, and finds its form again after a reload", async () => {
    const watched = await harness().open();
    const { page } = watched;
    await page.getByRole("link", { name: "Playground" }).click();
    await page.getByLabel("Question", { exact: true }).fill(QUESTION);
    const picker = page.getByRole("combobox", { name: "Latent", exact: true });
    await picker.fill("837");
    await page.getByRole("option", { name: /^837/ }).click();
    await page.getByLabel("Strength as a number").fill("60");
    await page.getByLabel("Tokens at most").fill("900");
    await page.getByRole("button", { name: "Run" }).click();

    const sides = ["Steered", "Unsteered"].map((name) =>
      page.getByRole("region", { name, exact: true }).locator(".play-answer"),
    );
    for (const side of sides)
      await expect.poll(async () => (await textOf(side)).length, { timeout: 500_000 }).toBeGreaterThan(40);
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByRole("button", { name: "Stop", disabled: true }).waitFor();
    const stopped = await Promise.all(sides.map(textOf));
    expect(stopped[0]).not.toBe(stopped[1]);
    // it is over: what would come next has had the time to come
    await page.waitForTimeout(1500);
    expect(await Promise.all(sides.map(textOf))).toEqual(stopped);

    const form = await formOf(page);
    expect(form).toMatchObject({ question: QUESTION, strength: "60", tokens: "900" });
    expect(form.chosen).toContain("837");
    await page.reload();
    await page.getByRole("form").waitFor();
    await expect.poll(() => formOf(page)).toEqual(form);
    await closeClean(watched);
  });

  test("is filled by a trial: its question, steering, meta-prompt and seed, and its adapter by the name that it has here", async () => {
    const { open, runs } = harness();
    const watched = await open(`/run/${runs.plain}/trial/focus-4`);
    const { page } = watched;
    await page.getByRole("link", { name: "Replay with…", exact: true }).click();
    await page.getByRole("form").waitFor();
    expect(await page.getByLabel("Adapter").inputValue()).toBe(ADAPTER);
    expect(await formOf(page)).toMatchObject({
      question: "How do I wash a woollen jumper?",
      strength: "60.5",
    });
    expect(await textOf(page.locator(".play-chosen"))).toContain("40");
    expect(new URL(page.url()).searchParams.get("meta")).toContain("Keep to the question.");
    await closeClean(watched);
  });

  test("an answer that ends has a receipt, charts and a run that it can be saved as", async () => {
    const { open, view } = harness();
    const query = new URLSearchParams({ prompt: QUESTION, latent: "837", strength: "60", tokens: "24" });
    const watched = await open(`/playground?${query}${new URL(view.link).hash}`);
    const { page } = watched;
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByText(/rows? edited, mean dose 0\.\d+; 24 tokens/).waitFor({ timeout: 500_000 });
    await page.getByText(/^no row edited; 24 tokens/).waitFor({ timeout: 500_000 });
    await page
      .getByRole("img", { name: /^Topicality/ })
      .first()
      .waitFor();
    await page.getByLabel("Name of the new run").fill("tried-out");
    await page.getByRole("button", { name: "Save 1 answer" }).click();
    await page.getByRole("link", { name: "Open the run" }).click();
    await page.getByRole("heading", { level: 1, name: "tried-out" }).waitFor();
    await closeClean(watched);
  });
});

async function formOf(page: Page): Promise<Record<string, string>> {
  return {
    query: new URL(page.url()).search,
    question: await page.getByLabel("Question", { exact: true }).inputValue(),
    chosen: await textOf(page.locator(".play-chosen")),
    strength: await page.getByLabel("Strength as a number").inputValue(),
    tokens: await page.getByLabel("Tokens at most").inputValue(),
  };
}
