import { expect, it } from "vitest";
import { isHeldOut } from "./held-out.ts";

it("keeps two documents about one topic on the same side", () => {
  for (let topic = 0; topic < 200; topic++) {
    const sides = ["What is it?", "Tell me a story."].map((prompt) =>
      isHeldOut({
        document: { kind: "chat", topic: `t${topic}`, prompt, response: prompt },
        share: 0.5,
      }),
    );
    expect(sides[0]).toBe(sides[1]);
  }
});

it("holds out about the share asked for, more with a greater one, none with 0", () => {
  const texts = Array.from({ length: 4000 }, (_, i) => ({ kind: "text" as const, text: `text ${i}` }));
  const held = (share: number) => texts.filter((document) => isHeldOut({ document, share }));
  expect(held(0)).toEqual([]);
  // 4 standard deviations of a binomial around 80 and 2000
  expect(Math.abs(held(0.02).length - 80)).toBeLessThan(36);
  expect(Math.abs(held(0.5).length - 2000)).toBeLessThan(127);
  expect(held(0.5)).toEqual(expect.arrayContaining(held(0.02)));
});
