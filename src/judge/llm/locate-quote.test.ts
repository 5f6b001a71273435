import fc from "fast-check";
import { expect, test } from "vitest";
import { locateQuote } from "./locate-quote.ts";

const TEXT = `Bees  make honey.\n\nWait — that’s not right. **Let me try again:** “mix” the flour… and bake.`;

test.each([
  ["Wait — that’s not right.", "exact", "Wait — that’s not right."],
  ["wait - that's not right", "normalised", "Wait — that’s not right"],
  ["Bees make honey. Wait", "normalised", "Bees  make honey.\n\nWait"],
  ['Let me try again: "mix"', "normalised", "Let me try again:** “mix”"],
  ["the flour... and bake", "normalised", "the flour… and bake"],
  ["Let me try agian: mix the flour", "near", "Let me try again:** “mix” the flour"],
  ["Bees make...", "normalised", "Bees  make"],
])("%j is found, %s", (quote, how, span) => {
  const [found] = locateQuote({ text: TEXT, quote });
  expect(found?.how).toBe(how);
  expect(TEXT.slice(found?.start, found?.end)).toBe(span);
});

test.each(["", "   ", "...", "Cats purr loudly.", "honey bread", "be es"])(
  "%j is not in the text",
  (quote) => {
    expect(locateQuote({ text: TEXT, quote })).toEqual([]);
  },
);

test("every place of a repeated quote is given, in order, and none before `from`", () => {
  const text = "so so so";
  expect(locateQuote({ text, quote: "so" }).map(({ start }) => start)).toEqual([0, 3, 6]);
  expect(locateQuote({ text, quote: "SO", from: 1 }).map(({ start }) => start)).toEqual([3, 6]);
});

const anyText = fc.string({ unit: "grapheme", maxLength: 200 });

test("a part of the text is found exactly where it stands", () => {
  fc.assert(
    fc.property(anyText, fc.nat(200), fc.nat(60), (text, start, length) => {
      const quote = text.slice(start, start + length);
      fc.pre(quote.trim() !== "");
      const at = start + quote.indexOf(quote.trim());
      expect(locateQuote({ text, quote })).toContainEqual({
        start: at,
        end: at + quote.trim().length,
        how: "exact",
      });
    }),
  );
});

test("a part is found in the same place when case, quotes, dashes, markup and spacing change", () => {
  const words = fc.array(fc.constantFrom("Bake", "the", "bread", "don't", '"now"', "-", "slowly.", "Flour"), {
    minLength: 4,
    maxLength: 30,
  });
  const change = fc.constantFrom(
    (text: string) => text.toUpperCase(),
    (text: string) => text.replaceAll("'", "’").replaceAll('"', "“"),
    (text: string) => text.replaceAll("-", "—"),
    (text: string) => text.replaceAll(" ", "\n  "),
    (text: string) => `**${text}**`,
  );
  fc.assert(
    fc.property(words, fc.nat(20), fc.array(change, { minLength: 1, maxLength: 5 }), (all, from, changes) => {
      const text = `Unique start. ${all.join(" ")} Unique end.`;
      const quote = all.slice(from % all.length).join(" ");
      const changed = changes.reduce((so, each) => each(so), quote);
      const spans = locateQuote({ text, quote: changed }).map(({ start, end }) => text.slice(start, end));
      expect(spans).toContain(quote);
    }),
  );
});

test("a near place differs by no more than its share, and lies inside the text", () => {
  fc.assert(
    fc.property(anyText, anyText, fc.nat(100), (text, quote, from) => {
      for (const { start, end } of locateQuote({ text, quote, from })) {
        expect(start).toBeGreaterThanOrEqual(from);
        expect(end).toBeGreaterThan(start);
        expect(end).toBeLessThanOrEqual(text.length);
      }
    }),
  );
});
