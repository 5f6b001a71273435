import { expect, it } from "vitest";
import { drawEmpty } from "./draw.ts";
import { renderPng } from "./png.ts";

const svg = (message: string) => drawEmpty({ name: "x", title: "t", description: "d", message });
const size = (png: Uint8Array) => [Buffer.from(png).readUInt32BE(16), Buffer.from(png).readUInt32BE(20)];

it("has the SVG's size times the scale", async () => {
  const png = await renderPng({ svg: svg("Nothing."), scale: 1.5 });
  expect(Buffer.from(png.subarray(1, 4)).toString()).toBe("PNG");
  expect(size(png)).toEqual([1104, 84]);
});

it("shows letters of Latin, Greek and Cyrillic on a machine without fonts", async () => {
  const blank = await renderPng({ svg: svg(" ") });
  const missing = await renderPng({ svg: svg("\u{10fffd}") });
  for (const letter of ["a", "ő", "Ω", "Ж", "−"]) {
    const png = await renderPng({ svg: svg(letter) });
    expect(Buffer.compare(png, blank), letter).not.toBe(0);
    expect(Buffer.compare(png, missing), letter).not.toBe(0);
  }
});

it("is the same bytes each time, and others in the dark", async () => {
  const light = await renderPng({ svg: svg("Nothing.") });
  expect(Buffer.compare(light, await renderPng({ svg: svg("Nothing.") }))).toBe(0);
  expect(Buffer.compare(light, await renderPng({ svg: svg("Nothing."), theme: "dark" }))).not.toBe(0);
});
