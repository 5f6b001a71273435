/** Pictures by Observable Plot, drawn without a browser: panels below each other in one SVG. The same data give the same text. */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { visibleText } from "../visible-text.ts";
import { COLORS, STANDALONE_STYLE } from "./palette.ts";

/** Pixels. */
export const FIGURE_WIDTH = 720;
const FONT_SIZE = 12;
const TITLE_ROOM = 26;
const GAP = 10;
/** Around everything. */
const PADDING = 8;

export interface Panel {
  /** Above the panel; none where the figure's own title says it. */
  title?: string;
  options: Plot.PlotOptions;
}

export interface DrawOptions {
  /** Ids in the picture begin with it. */
  name: string;
  title: string;
  description: string;
  panels: readonly Panel[];
}

/** What is used of the elements that Plot makes. */
interface Drawn {
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  querySelector(selector: string): { remove(): void } | null;
  toString(): string;
}

const { document } = parseHTML("<!doctype html><html></html>");

export function drawFigure({ name, title, description, panels }: DrawOptions): string {
  let y = 0;
  const parts = panels.map(({ title: panelTitle, options }) => {
    const top = y + (panelTitle === undefined ? 0 : TITLE_ROOM);
    const { svg, height } = drawPanel({ options, y: top });
    const heading =
      panelTitle === undefined
        ? ""
        : `<text x="0" y="${y + 16}" text-anchor="start" font-weight="bold">${escapeXml(panelTitle)}</text>`;
    y = top + height + GAP;
    return heading + svg;
  });
  return frame({ name, title, description, height: y - GAP, content: parts.join("") });
}

/** A figure that has nothing to show says why. */
export function drawEmpty({ message, ...rest }: Omit<DrawOptions, "panels"> & { message: string }): string {
  const text = `<text class="cs-note" x="0" y="24" text-anchor="start" fill="${COLORS.muted.light}">${escapeXml(message)}</text>`;
  return frame({ ...rest, height: 40, content: text });
}

/** With the style sheet that makes it follow the reader's light or dark preference. */
export function standaloneSvg(svg: string): string {
  return svg.replace("</desc>", () => `</desc><style>${STANDALONE_STYLE}</style>`);
}

function drawPanel({ options, y }: { options: Plot.PlotOptions; y: number }): {
  svg: string;
  height: number;
} {
  const element: Drawn = Plot.plot({ width: FIGURE_WIDTH, className: "cs-plot", ...options, document });
  element.querySelector("style")?.remove();
  for (const [attribute, value] of [
    ["y", String(y)],
    ["overflow", "visible"],
    ["font-size", String(FONT_SIZE)],
    ["font-family", "inherit"],
  ] as const) {
    element.setAttribute(attribute, value);
  }
  // names of arms and latents are escaped by now, and may still hold characters that turn text around
  return { svg: visibleText(element.toString()), height: Number(element.getAttribute("height")) };
}

function frame({
  name,
  title,
  description,
  height,
  content,
}: Omit<DrawOptions, "panels"> & { height: number; content: string }): string {
  const [width, tall] = [FIGURE_WIDTH + 2 * PADDING, height + 2 * PADDING];
  const [titleId, descriptionId] = [`${name}-title`, `${name}-description`];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" class="cs-figure" role="img" aria-labelledby="${titleId} ${descriptionId}" ` +
    `width="${width}" height="${tall}" viewBox="${-PADDING} ${-PADDING} ${width} ${tall}" ` +
    `font-family="Roboto, system-ui, sans-serif" font-size="${FONT_SIZE}" fill="currentColor">` +
    `<title id="${titleId}">${escapeXml(title)}</title><desc id="${descriptionId}">${escapeXml(description)}</desc>` +
    `${content}</svg>`
  );
}

function escapeXml(text: string): string {
  return visibleText(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
