/** The drawings of the server, parsed as XML and freed of everything that could run or reach out, before they enter the page. Only what is listed stays. */

const SVG = "http://www.w3.org/2000/svg";

const ELEMENTS = new Set([
  "circle",
  "clipPath",
  "defs",
  "desc",
  "ellipse",
  "g",
  "line",
  "linearGradient",
  "path",
  "polygon",
  "polyline",
  "rect",
  "stop",
  "svg",
  "text",
  "title",
  "tspan",
]);

/** Handlers, links and style texts are not among them, nor labels of parts, for the drawing has one name; of addresses only those within it. */
const ATTRIBUTES =
  /^(?:aria-labelledby|class|clip-path|clipPathUnits|color|cx|cy|d|dx|dy|fill(?:-opacity|-rule)?|font-(?:family|size|style|variant|weight)|gradientUnits|height|id|offset|opacity|overflow|points|preserveAspectRatio|r|role|rx|ry|stop-(?:color|opacity)|stroke(?:-dasharray|-linecap|-linejoin|-miterlimit|-opacity|-width)?|text-anchor|transform|vector-effect|viewBox|visibility|width|x|x1|x2|y|y1|y2|xmlns)$/;

/** What is used of an element; linkedom's and the browser's both fit. */
export interface SvgNode {
  readonly localName: string;
  readonly namespaceURI: string | null;
  readonly children: Iterable<SvgNode>;
  readonly attributes: Iterable<{ name: string; value: string }>;
  removeAttribute(name: string): void;
  remove(): void;
}

/** Changes the element and everything below it. */
export function cleanSvg(element: SvgNode): void {
  for (const { name, value } of [...element.attributes]) {
    if (!ATTRIBUTES.test(name) || /url\((?!\s*["']?#)/i.test(value)) element.removeAttribute(name);
  }
  for (const child of [...element.children]) {
    if (child.namespaceURI === SVG && ELEMENTS.has(child.localName)) cleanSvg(child);
    else child.remove();
  }
}

/** null for a text that is no SVG. The element belongs to no document yet. */
export function parseSvg(text: string): Element | null {
  const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (root.namespaceURI !== SVG || root.localName !== "svg") return null;
  cleanSvg(root);
  return root;
}
