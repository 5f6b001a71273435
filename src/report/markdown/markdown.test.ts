import { expect, it } from "vitest";
import type { Block, RunDocument } from "../document/blocks.ts";
import { tableBlock } from "../document/blocks.ts";
import { drawEmpty } from "../figures/draw.ts";
import { markdownReport } from "./markdown.ts";

function written(blocks: Block[]): string {
  const run: RunDocument = { title: "dose", sections: [{ id: "a", title: "Part", blocks }], figures: [] };
  const text = markdownReport({
    runs: [run],
    figures: "my report-figures",
    madeAt: new Date(0),
    version: "1",
  });
  return text.slice(text.indexOf("## Part\n") + 9).replace(/\n\nMade by .+\n$/, "");
}

it("a cell can't leave its table, and no text is markup", () => {
  const rows = [["a|b\nc", "<img src=x onerror=alert(1)>", "[x](javascript:1) `*_"]];
  expect(written([tableBlock({ caption: "T", head: ["x", "y", "z"], left: 2, rows })])).toBe(
    [
      "T:",
      "",
      "| x | y | z |",
      "| --- | --- | ---: |",
      "| a\\|b c | &lt;img src=x onerror=alert(1)&gt; | \\[x\\](javascript:1) \\`\\*\\_ |",
    ].join("\n"),
  );
});

it("an answer can't leave its fence", () => {
  const text = "one\n```\n# heading\n````\n<script>";
  const trial = {
    kind: "x",
    arm: "a",
    key: "k",
    latent: null,
    label: null,
    strength: 0,
    prompt: "p",
    text,
    status: null,
    attempts: [],
  };
  expect(written([{ kind: "trial", trial }])).toContain(`Response:\n\n\`\`\`\`\`text\n${text}\n\`\`\`\`\``);
});

it("a figure is a link to its file beside the report", () => {
  const common = { name: "rates", title: "Rates", description: "Shares." };
  const figure = { ...common, svg: drawEmpty({ ...common, message: "No." }), columns: [], rows: [] };
  expect(written([{ kind: "figure", figure }])).toBe(
    "**Rates**\n\nShares.\n\n![Rates](my%20report-figures/rates.svg)",
  );
});
