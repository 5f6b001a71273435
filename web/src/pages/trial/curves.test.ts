import { expect, it } from "vitest";
import type { TrialDetail } from "../../../../src/server/viewer/api/trials.ts";
import { chosenCurve, curveChoices, sameCurve } from "./curves.ts";

const trial = { offsets: [0, 1, 2], latent: 9 };
const judged = { judge: "likelihood/2", repeat: 0, detail: { curve: [0.1, 0.2, 0.3] } };
const activations = [
  {
    name: "timeline",
    latents: [
      { latent: 4, label: null },
      { latent: 9, label: "islands" },
    ],
  },
  { name: "activations", latents: [{ latent: 4, label: null }] },
];

function choicesOf(parts: object) {
  // only the fields that are read
  return curveChoices({ trial, judgements: [judged], activations, ...parts } as unknown as TrialDetail);
}

it("lists judges' curves first, then the steered latent, and each latent once", () => {
  expect(choicesOf({}).map(({ id }) => id)).toEqual(["judge:likelihood/2", "latent:9", "latent:4"]);
});

it("leaves out a curve that does not fit the tokens", () => {
  expect(
    choicesOf({ judgements: [{ ...judged, detail: { curve: [1] } }] }).map(({ id }) => id),
  ).not.toContain("judge:likelihood/2");
});

it("chooses the first where the one asked for is not there, and none where none is wanted", () => {
  const choices = choicesOf({});
  expect(chosenCurve(choices, "latent:77")?.id).toBe("judge:likelihood/2");
  expect(chosenCurve(choices, "latent:4")?.id).toBe("latent:4");
  expect(chosenCurve(choices, "none")).toBeNull();
});

it("finds a latent again in a trial that recorded it under another name", () => {
  const [, , curve = null] = choicesOf({});
  const other = choicesOf({ activations: activations.slice(1) });
  expect(sameCurve(other, curve)).toMatchObject({ recording: "activations", latent: 4 });
});
