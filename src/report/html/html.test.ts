import fc from "fast-check";
import { parseHTML } from "linkedom";
import { expect, it } from "vitest";
import { visibleText } from "../visible-text.ts";
import { html, type Markup } from "./html.ts";
import { markedResponse } from "./response.ts";

const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style>",
    "' onclick='x",
    "&lt;",
    "]]>",
    "<!--",
    "\u202e",
  ),
);

function parse(markup: Markup): ReturnType<typeof parseHTML>["document"] {
  return parseHTML(`<!doctype html><html><body>${markup.source}</body></html>`).document;
}

it("any text is text, inside an element and inside an attribute", () => {
  fc.assert(
    fc.property(hostile, hostile, (inside, attribute) => {
      const document = parse(html`<p title="${attribute}">${inside}</p>`);
      const elements = [...document.querySelectorAll("body *")];
      expect(elements.map(({ localName }) => localName)).toEqual(["p"]);
      expect(elements[0]?.textContent).toBe(visibleText(inside));
      expect(elements[0]?.getAttribute("title")).toBe(visibleText(attribute));
      expect([...(elements[0]?.attributes ?? [])]).toHaveLength(1);
    }),
  );
});

it("nests without escaping twice, and null is nothing", () => {
  expect(html`<b>${[html`<i>${"<"}</i>`, null, 3]}</b>`.source).toBe("<b><i>&lt;</i>3</b>");
});

it("a marked response is the response, with a mark an attempt, wherever the attempts lie", () => {
  const offsets = fc.array(fc.tuple(fc.nat(60), fc.nat(60)), { maxLength: 4 });
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "<", "&", "\n", "é") }), offsets, (text, spans) => {
      const attempts = spans.map(([start, end]) => ({
        start,
        end,
        restartPhrase: "a",
        score: 1,
        components: {},
      }));
      const document = parse(markedResponse({ text, attempts }));
      const marks = [...document.querySelectorAll("mark")];
      expect(marks).toHaveLength(spans.length);
      for (const label of document.querySelectorAll(".attempt")) label.remove();
      expect(document.querySelector(".response")?.textContent).toBe(text);
    }),
  );
});

it("marks the wording that begins an attempt", () => {
  const attempts = [
    { start: 0, end: 4, restartPhrase: null, score: null, components: {} },
    { start: 5, end: 17, restartPhrase: "Wait,", score: 80, components: {} },
  ];
  const { source } = markedResponse({ text: "Bees Wait, flour.", attempts });
  expect(source).toBe(
    '<div class="response" dir="auto"><mark><span class="attempt">attempt 1: not scored</span>Bees</mark> ' +
      '<mark><span class="attempt">attempt 2: 80.0</span><span class="restart">Wait,</span> flour.</mark></div>',
  );
});
