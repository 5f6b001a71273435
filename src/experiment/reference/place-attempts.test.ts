import fc from "fast-check";
import { expect, it } from "vitest";
import { placeAttempts } from "./place-attempts.ts";

const BEES = "Bees gather nectar from the clover and carry it home to the hive.";
const EGGS = "Wait, that is wrong. To make an omelette, beat three eggs and pour them into a hot pan.";
const response = `${BEES}\n\n${EGGS}`;

function spans(texts: (string | null)[], of = response) {
  return placeAttempts({ response: of, texts }).map((place) =>
    place === null ? null : { text: of.slice(place.start, place.end), how: place.how },
  );
}

it("finds attempts word for word", () => {
  expect(spans([BEES, EGGS])).toEqual([
    { text: BEES, how: "exact" },
    { text: EGGS, how: "exact" },
  ]);
});

it("sees through quotes, case, markup and spacing", () => {
  expect(spans([`**${BEES.toUpperCase()}**`, EGGS.replaceAll(" ", "\n")])).toEqual([
    { text: BEES, how: "normalised" },
    { text: EGGS, how: "normalised" },
  ]);
});

it("sees through a few changed letters", () => {
  expect(spans([BEES.replace("gather", "gathers").replace("clover", "clovers")])[0]?.how).toBe("near");
});

it("completes a shortened attempt by its end, or up to the next attempt", () => {
  expect(spans(["Bees gather nectar from the ... home to the hive.", EGGS])).toEqual([
    { text: BEES, how: "beginning" },
    { text: EGGS, how: "exact" },
  ]);
  expect(spans([`${BEES.slice(0, 40)} [and so on]`, EGGS])).toEqual([
    { text: BEES, how: "beginning" },
    { text: EGGS, how: "exact" },
  ]);
});

it("an attempt that the response does not have is not found, and does not hide the others", () => {
  expect(spans([BEES, "Let me start over: a darning needle goes over and under.", EGGS, null])).toEqual([
    { text: BEES, how: "exact" },
    null,
    { text: EGGS, how: "exact" },
    null,
  ]);
});

it("short words alone place nothing that is not there word for word", () => {
  expect(spans(["Ants ...", "?", ""])).toEqual([null, null, null]);
});

it("an attempt inside the one before ends that one", () => {
  expect(spans([response, EGGS])).toEqual([
    { text: BEES, how: "exact" },
    { text: EGGS, how: "exact" },
  ]);
});

it("attempts in another order than the text's are not found", () => {
  expect(spans([EGGS, BEES])).toEqual([{ text: EGGS, how: "exact" }, null]);
});

it("one attempt given twice is found once", () => {
  expect(spans([BEES, BEES])).toEqual([{ text: BEES, how: "exact" }, null]);
});

const words = fc.array(fc.constantFrom("bee", "egg", "wait", "pan,", "the", "“no”", "é", "…", "[x]"), {
  minLength: 1,
  maxLength: 30,
});

it("spans lie in the response, in order, without overlap", () => {
  fc.assert(
    fc.property(words, fc.array(fc.option(words, { nil: null }), { maxLength: 5 }), (response, texts) => {
      const text = response.join(" ");
      let from = 0;
      for (const place of placeAttempts({
        response: text,
        texts: texts.map((each) => each?.join(" ") ?? null),
      })) {
        if (place === null) continue;
        expect(place.start).toBeGreaterThanOrEqual(from);
        expect(place.end).toBeGreaterThan(place.start);
        from = place.end;
      }
      expect(from).toBeLessThanOrEqual(text.length);
    }),
  );
});

it("slices of the response in order are all found", () => {
  fc.assert(
    fc.property(words, fc.integer({ min: 1, max: 5 }), (all, parts) => {
      const size = Math.ceil(all.length / parts);
      const texts = Array.from({ length: Math.ceil(all.length / size) }, (_, i) =>
        all.slice(i * size, (i + 1) * size).join(" "),
      );
      expect(placeAttempts({ response: all.join(" "), texts })).not.toContain(null);
    }),
  );
});
