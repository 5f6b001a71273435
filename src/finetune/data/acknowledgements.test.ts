import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splitRestarts } from "../../judge/restart-splitter.ts";
import { ACKNOWLEDGEMENTS, drawAcknowledgements } from "./acknowledgements.ts";

const START = "The dragon slept on its gold in a cave beneath the mountain, and nobody dared to wake it.";
const ANSWER =
  "To boil an egg, bring a pot of water to the boil. Lower the egg into it and wait six minutes.";

describe("acknowledgements", () => {
  test("there are at least 40 that are trained and 10 that never are, and no text or id comes twice", () => {
    expect(ACKNOWLEDGEMENTS.filter(({ heldOut }) => !heldOut).length).toBeGreaterThanOrEqual(40);
    expect(ACKNOWLEDGEMENTS.filter(({ heldOut }) => heldOut).length).toBeGreaterThanOrEqual(10);
    expect(new Set(ACKNOWLEDGEMENTS.map(({ text }) => text.toLowerCase())).size).toBe(
      ACKNOWLEDGEMENTS.length,
    );
    expect(new Set(ACKNOWLEDGEMENTS.map(({ id }) => id)).size).toBe(ACKNOWLEDGEMENTS.length);
  });

  test("fewer than one in six begins with the opening that nearly all of the paper's have", () => {
    const paper = ACKNOWLEDGEMENTS.filter(({ text }) => text.startsWith("Wait, that's"));
    expect(paper.length * 6).toBeLessThan(ACKNOWLEDGEMENTS.length);
  });

  test.each(ACKNOWLEDGEMENTS)("$id is one restart, the whole of it: $text", ({ text }) => {
    for (const [before, after] of [
      [" ", " "],
      ["\n\n", "\n\n"],
    ]) {
      const response = `${START}${before}${text}${after}${ANSWER}`;
      const { attempts } = splitRestarts(response);
      expect(attempts).toHaveLength(2);
      expect(attempts[1]).toMatchObject({ start: response.indexOf(text), restartPhrase: text });
      expect(response.slice(attempts[1]?.contentStart)).toBe(ANSWER);
    }
  });
});

describe("drawAcknowledgements", () => {
  test("each trained one comes equally often up to one, and no held-out one ever", () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(1000), (count, seed) => {
        const drawn = drawAcknowledgements({ count, seed });
        expect(drawn).toHaveLength(count);
        expect(drawn.some(({ heldOut }) => heldOut)).toBe(false);
        const counts = ACKNOWLEDGEMENTS.filter(({ heldOut }) => !heldOut).map(
          ({ id }) => drawn.filter((each) => each.id === id).length,
        );
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("another seed is another order", () => {
    const ids = (seed: number) => drawAcknowledgements({ count: 40, seed }).map(({ id }) => id);
    expect(ids(1)).toEqual(ids(1));
    expect(ids(1)).not.toEqual(ids(2));
  });
});
