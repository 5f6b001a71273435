/** SVG to PNG by resvg, compiled to WebAssembly: the same pixels on every machine, with the fonts that ship with the package and no others. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { COLORS, type Theme } from "./palette.ts";

const FONTS = ["latin", "latin-ext", "greek", "cyrillic"].map((part) => `roboto-${part}-400-normal.woff2`);

export interface RenderPngOptions {
  svg: string;
  /** @default "light" */
  theme?: Theme;
  /** Pixels of the picture for one of the SVG. @default 2 */
  scale?: number;
}

export async function renderPng({ svg, theme = "light", scale = 2 }: RenderPngOptions): Promise<Uint8Array> {
  await ready();
  const picture = new Resvg(colored(svg, theme), {
    background: COLORS.paper[theme],
    fitTo: { mode: "zoom", value: scale },
    font: { fontBuffers: fonts(), defaultFontFamily: "Roboto", sansSerifFamily: "Roboto" },
  });
  const rendered = picture.render();
  try {
    return rendered.asPng();
  } finally {
    rendered.free();
    picture.free();
  }
}

/** resvg knows no CSS variables, so that the colours are put where they stand. */
function colored(svg: string, theme: Theme): string {
  let text = svg;
  for (const color of Object.values(COLORS))
    text = text.replaceAll(`="${color.light}"`, `="${color[theme]}"`);
  return text.replaceAll('="currentColor"', `="${COLORS.ink[theme]}"`);
}

let started: Promise<void> | undefined;

/** resvg may be started once only. */
function ready(): Promise<void> {
  const file = createRequire(import.meta.url).resolve("@resvg/resvg-wasm/index_bg.wasm");
  started ??= initWasm(readFileSync(file));
  return started;
}

let loaded: Uint8Array[] | undefined;

function fonts(): Uint8Array[] {
  loaded ??= FONTS.map((name) => readFileSync(new URL(`../../../assets/fonts/${name}`, import.meta.url)));
  return loaded;
}
