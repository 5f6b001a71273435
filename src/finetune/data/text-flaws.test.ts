import { describe, expect, test } from "vitest";
import { flawOfText, isProse } from "./text-flaws.ts";

describe("flawOfText", () => {
  test.each([
    ["Boil the egg for six minutes.", null],
    ["The river river river river river river bends.", "degraded"],
    ["I’m an AI who knows rivers.", "self-talk"],
    ["The idea is good and I'm just here to help.", "self-talk"],
    ["Rivers bend. Wait, that's not what you asked. Let me start over. Boil it.", "restarts"],
    ["Rivers bend. Sorry, I got distracted.", "restarts"],
  ])("%s: %s", (text, flaw) => {
    expect(flawOfText(text)).toBe(flaw);
  });
});

describe("isProse", () => {
  test.each([
    ["Boil the egg, and wait for six minutes in all.", true],
    ["Crème brûlée is burnt on purpose.", true],
    ['The "S"A"I of MESE" is: "C"B"f"l" E"?', false],
    ["רם: the main part is .r | lrac", false],
  ])("%s: %s", (text, prose) => {
    expect(isProse(text)).toBe(prose);
  });
});
