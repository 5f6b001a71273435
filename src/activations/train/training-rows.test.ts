import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { writeSafetensors } from "../../sae/write-safetensors.ts";
import { parseRecipe } from "./recipe.ts";
import { heldOutWindows, rowsOfFile } from "./training-rows.ts";

it("held-out windows are the most that fit, each once, in the corpus' order", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 40 }),
      fc.integer({ min: 20, max: 300 }),
      (lengths, most) => {
        const windows = lengths.map((length, i) => ({ tokens: new Int32Array(length).fill(i), skip: 0 }));
        const chosen = heldOutWindows({ windows, most });
        const total = chosen.reduce((sum, { tokens }) => sum + tokens.length, 0);
        const all = lengths.reduce((sum, length) => sum + length, 0);
        expect(total).toBeLessThanOrEqual(most);
        expect(total).toBeGreaterThan(Math.min(all, most) - 20);
        if (all <= most) expect(total).toBe(all);
        expect(windows.filter((window) => chosen.includes(window))).toEqual(chosen);
      },
    ),
  );
});

it("rows of a file that are measured on are never trained on", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "rows.safetensors");
  const count = 500;
  const data = Float32Array.from({ length: count * 2 }, (_, at) => Math.floor(at / 2));
  await writeSafetensors({ path, tensors: { rows: { shape: [count, 2], data } } });
  const settings = parseRecipe({ settings: { heldOut: { share: 0.1 } }, source: "" });
  const rows = rowsOfFile({ path, settings });
  expect(rows.rows).toBe(450);
  const source = rows.open({});
  const trained = await source.next({ max: 900 });
  const seen = new Set([...(rows.heldOut ?? []), ...trained]);
  expect(rows.heldOut?.length).toBe(100);
  expect(Math.min(...(rows.heldOut ?? []))).toBe(450);
  expect(Math.max(...trained)).toBe(449);
  expect(seen.size).toBe(count);
  await source.close();
  rows.close();
});

it("a share of 0 measures on nothing", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "rows.safetensors");
  await writeSafetensors({ path, tensors: { rows: { shape: [2, 2], data: new Float32Array(4) } } });
  const rows = rowsOfFile({
    path,
    settings: parseRecipe({ settings: { heldOut: { share: 0 } }, source: "" }),
  });
  expect([rows.heldOut, rows.rows]).toEqual([null, 2]);
  rows.close();
});
