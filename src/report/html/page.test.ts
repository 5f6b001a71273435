import path from "node:path";
import { parseHTML } from "linkedom";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeReportRun, RESTART } from "../../../test/support/report-run.ts";
import { manifestRecord } from "../../../test/support/run-records.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { createRun } from "../../store/open-store.ts";
import type { RunStore } from "../../store/run-store.ts";
import { runDocument } from "../document/run-document.ts";
import { bounds, fixed, percent } from "../number-text.ts";
import { type RunReport, runReport } from "../run-report.ts";
import { htmlReport } from "./page.ts";

type Page = ReturnType<typeof parseHTML>["document"];

/** What each of them would do where it was not text: run, load, end the style sheet, turn text around. */
const ATTACKS = [
  "<script>alert(1)</script>",
  '"><img src="https://evil.example/x" onerror="alert(1)">',
  "</style></title><svg onload=alert(1)>",
  "\u202eevil\u2066",
  "' onmouseover='alert(1)",
  "<!-- --><a href=javascript:alert(1)>x</a>",
].join(" ");

let folder: TemporaryFolder;
let store: RunStore;
let report: RunReport;
let source: string;
let page: Page;

beforeAll(async () => {
  folder = await temporaryFolder();
  store = makeReportRun({ dir: path.join(folder.path, "plain") });
  report = runReport({ store });
  ({ source, page } = pageOf(store, report));
});

afterAll(async () => {
  store.close();
  await folder[Symbol.asyncDispose]();
});

function pageOf(from: RunStore, of: RunReport = runReport({ store: from })): { source: string; page: Page } {
  const document = runDocument({ store: from, report: of });
  const written = htmlReport({ runs: [document], madeAt: new Date(0), version: "1.2.3" });
  return { source: written, page: parseHTML(written).document };
}

/** Cells of the table with a caption, a row a list. */
function cells(caption: string): string[][] {
  const table = [...page.querySelectorAll("table")].find((each) =>
    each.querySelector("caption")?.textContent?.startsWith(caption),
  );
  return [...(table?.querySelectorAll("tbody tr") ?? [])].map((row) =>
    [...row.children].map((cell) => cell.textContent ?? ""),
  );
}

it("names and texts that attack stay text, everywhere", () => {
  using hostile = makeReportRun({ dir: path.join(folder.path, "hostile"), text: ATTACKS });
  const { source: written, page: attacked } = pageOf(hostile);
  const elements = [...attacked.querySelectorAll("*")];
  const names = new Set(elements.map(({ localName }) => localName));
  for (const name of ["script", "img", "iframe", "object", "embed", "form", "link", "base"]) {
    expect(names, name).not.toContain(name);
  }
  for (const element of elements) {
    for (const { name, value } of element.attributes) {
      expect(name).not.toMatch(/^on/i);
      if (name === "href") expect(value).toMatch(/^#[a-z0-9-]+$/);
      expect(["src", "srcset", "style", "action", "xlink:href"]).not.toContain(name);
    }
  }
  expect(written).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
  expect(attacked.querySelector("title")?.textContent).toContain("</style></title><svg onload=alert(1)>");
  expect(attacked.querySelectorAll("style")).toHaveLength(1);
  expect(attacked.querySelector(".response")?.textContent).toContain('<script>alert(1)</script> "><img');
});

it("asks for nothing and forbids it besides", () => {
  const policy = page.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute("content");
  expect(policy).toContain("default-src 'none'; style-src 'unsafe-inline'; img-src data:");
  expect(source.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|url\(|@import/);
});

it("has the numbers of report --json", () => {
  // what a reader of the JSON has
  const { summary, families, curves }: RunReport = JSON.parse(JSON.stringify(report));
  const rates = cells("Rates of each arm");
  expect(rates).toEqual(
    summary.arms.flatMap(({ arm, firstScore, multiAttempt, esr, improvement }) => [
      [arm, "first score", String(firstScore.n), fixed(firstScore.estimate), bounds(firstScore), "", ""],
      ...Object.entries({ "multi-attempt": multiAttempt, ESR: esr, "improved of multi": improvement }).map(
        ([name, rate]) => [
          arm,
          name,
          `${rate.successes}/${rate.n}`,
          percent(rate.estimate),
          bounds(rate.byLatent, 100),
          bounds(rate.byLatentAndPrompt, 100),
          bounds(rate.wilson, 100),
        ],
      ),
    ]),
  );
  const counts = cells("Every denominator");
  for (const [i, { arm, counts: own }] of summary.arms.entries()) {
    expect(counts[i]?.[0]).toBe(arm);
    const shown = counts[i]?.slice(1, -2).map(Number) ?? [];
    expect(shown.toSorted((a, b) => a - b)).toEqual(Object.values(own).toSorted((a, b) => a - b));
  }
  const [family] = families;
  expect(family?.rows.length).toBe(2);
  expect(cells("dose: paired").map((row) => [row[0], row[3], row[6], row[7], row[9]])).toEqual(
    family?.rows.map(({ treatment, pairs, difference, pHolm }) => [
      treatment,
      String(pairs),
      fixed(difference.estimate),
      bounds(difference),
      fixed(pHolm, 4),
    ]),
  );
  expect(cells("dose: along").map((row) => [row[1], row[6]])).toEqual(
    curves[0]?.points.map(({ summary: { arm, multiAttempt } }) => [arm, percent(multiAttempt.estimate)]),
  );
});

it("says what puts the numbers in doubt", () => {
  const warnings = [...page.querySelectorAll(".warnings li")].map(({ textContent }) => textContent);
  expect(warnings).toEqual([
    "The run is not finished: the numbers are of what is stored so far.",
    "36 of 144 trials failed and have no response.",
    "24 of 108 scored responses (22 %) were cut off at the token limit: a restart may have come later.",
    "1 of 12 thresholds lie at an end of the searched range: their latents may be steered too weakly or too strongly.",
  ]);
});

it("marks the attempts of its example trials, and what begins them", () => {
  const responses = [...page.querySelectorAll(".response")];
  expect(responses.length).toBeGreaterThan(3);
  expect(responses[0]?.querySelectorAll("mark")).toHaveLength(2);
  expect(responses[0]?.querySelector(".restart")?.textContent).toBe(RESTART);
});

it("every table and figure lies in a box of its own that scrolls and has a name", () => {
  for (const wide of page.querySelectorAll("table, figure > * > svg")) {
    const box = wide.parentElement;
    expect(box?.className).toBe("scroll");
    expect(box?.getAttribute("tabindex")).toBe("0");
    expect(box?.getAttribute("aria-label")).toBeTruthy();
  }
  const ids = [...page.querySelectorAll("[id]")].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const link of page.querySelectorAll("nav a")) {
    expect(ids).toContain(link.getAttribute("href")?.slice(1));
  }
});

it("a run without a trial is a page that says so", () => {
  using empty = createRun({ dir: path.join(folder.path, "empty"), manifest: manifestRecord() });
  const { page: nothing } = pageOf(empty);
  expect([...nothing.querySelectorAll(".warnings li")].map(({ textContent }) => textContent)).toContain(
    "The run has no trial yet.",
  );
  expect(nothing.querySelectorAll("svg .cs-data")).toHaveLength(0);
});

it("the figures and sections of two runs have ids of their own", () => {
  const runs = ["run-1-", "run-2-"].map((prefix) => runDocument({ store, report, prefix }));
  const written = htmlReport({
    runs,
    differences: ["They differ in <layer>."],
    madeAt: new Date(0),
    version: "1",
  });
  const both = parseHTML(written).document;
  const ids = [...both.querySelectorAll("[id]")].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(both.querySelector(".warnings")?.textContent).toBe("They differ in <layer>.");
});
