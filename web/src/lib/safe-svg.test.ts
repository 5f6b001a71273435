import { readdirSync, readFileSync } from "node:fs";
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { COLORS } from "../../../src/report/figures/palette.ts";
import { cleanSvg } from "./safe-svg.ts";

const FIGURES = new URL("../../../test/data/figures/", import.meta.url);

function cleaned(svg: string): string {
  const root = parseHTML(`<!doctype html><body>${svg}</body>`).document.querySelector("svg");
  if (root === null) return expect.unreachable("no svg");
  // linkedom leaves the namespace out of what stands in HTML; the page parses as XML, where it is
  const withNamespace = (element: Element): Parameters<typeof cleanSvg>[0] => ({
    localName: element.localName,
    namespaceURI: "http://www.w3.org/2000/svg",
    get children() {
      return Array.from(element.children, withNamespace);
    },
    get attributes() {
      return Array.from(element.attributes, ({ name, value }) => ({ name, value }));
    },
    removeAttribute: (name) => element.removeAttribute(name),
    remove: () => element.remove(),
  });
  cleanSvg(withNamespace(root));
  return root.outerHTML;
}

describe("a drawing", () => {
  test.each([
    "<script>alert(1)</script>",
    "<foreignObject><p>x</p></foreignObject>",
    "<style>*{fill:url(http://x)}</style>",
    '<a href="javascript:alert(1)"><text>x</text></a>',
    '<image href="http://elsewhere/x.png"/>',
    '<use href="#x"/>',
    '<animate attributeName="href" to="x"/>',
    '<set attributeName="onload" to="x"/>',
  ])("loses the element %s", (bad) => {
    expect(cleaned(`<svg>${bad}<g><rect width="1"></rect>${bad}</g></svg>`)).toBe(
      '<svg><g><rect width="1" /></g></svg>',
    );
  });

  test.each(["onload", "onclick", "href", "xlink:href", "style", "src"])("loses the attribute %s", (name) => {
    expect(cleaned(`<svg ${name}="alert(1)"><g ${name}="x" fill="red"></g></svg>`)).toBe(
      '<svg><g fill="red" /></svg>',
    );
  });

  test("refers to nothing outside itself", () => {
    const svg = '<svg><g clip-path="url(#a)" fill="url(http://x/#b)"></g></svg>';
    expect(cleaned(svg)).toBe('<svg><g clip-path="url(#a)" /></svg>');
  });

  test.each(readdirSync(FIGURES))("of our own loses only its style sheet and labels of parts: %s", (name) => {
    const svg = readFileSync(new URL(name, FIGURES), "utf8").replaceAll(
      /<style>.*?<\/style>| aria-label="[^"]*"| aria-description="[^"]*"| aria-hidden="[^"]*"/gs,
      "",
    );
    const root = parseHTML(`<!doctype html><body>${svg}</body>`).document.querySelector("svg");
    expect(cleaned(svg)).toBe(root?.outerHTML);
  });
});

test("colours of the page are those of figures", () => {
  const sheet = readFileSync(new URL("../styles/tokens.css", import.meta.url), "utf8");
  for (const [name, { light, dark }] of Object.entries(COLORS)) {
    expect(sheet).toContain(`--cs-${name}: light-dark(${light}, ${dark});`);
  }
});
