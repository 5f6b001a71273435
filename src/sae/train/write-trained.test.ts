import { expect, test } from "vitest";
import { sparseRows } from "../../../test/support/sae-rows.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { TOY_INPUT, TOY_ROWS, trainToy } from "../../../test/support/toy-training.ts";
import { preActivations } from "../encode.ts";
import { openSaelens } from "../saelens.ts";
import { readTrainSettings } from "./settings.ts";
import { writeTrained } from "./write-trained.ts";

test.each(["topk", "batchtopk"] as const)(
  "a trained %s dictionary opens with the weights it was written with",
  async (variant) => {
    await using folder = await temporaryFolder();
    const { weights } = await trainToy({ settings: { variant, totalRows: 80 * 20 } });
    const settings = readTrainSettings({ ...TOY_INPUT, variant });
    await writeTrained({ folder: folder.path, weights, settings, origin: { modelName: "toy", layer: 3 } });
    const dictionary = openSaelens({ path: folder.path });
    expect(dictionary.encoderMatrix()).toEqual(weights.encoder);
    expect(dictionary.direction(7)).toEqual(weights.decoder.slice(7 * 40, 8 * 40));
    expect(dictionary.bDec()).toEqual(weights.decoderBias);
    expect({ ...dictionary }).toMatchObject({ layer: 3, modelName: "toy", applyBDecToInput: true });
    expect(dictionary.architecture).toBe(variant === "topk" ? "topk" : "jumprelu");
    expect(dictionary.k).toBe(variant === "topk" ? 4 : null);
    const rows = await sparseRows(TOY_ROWS).next({ max: 200 });
    const pre = preActivations({ dictionary, rows });
    const active = pre.filter((value, at) => value > dictionary.threshold(at % 96)).length / 200;
    if (variant === "batchtopk") expect(Math.abs(active - 4)).toBeLessThan(1.5);
    dictionary.close();
  },
);
