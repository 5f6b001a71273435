import { expect, test } from "vitest";
import { curveWords } from "./curve-words.ts";

const words = (values: (number | null)[]) => curveWords({ name: "Topicality", unit: "nats", values });

test("a curve is told by its mean and by its ends, once it is long enough to have them", () => {
  expect(words([])).toBe("Topicality: nothing measured yet.");
  expect(words([null])).toBe("Topicality: nothing measured yet.");
  expect(words([1, 2, null])).toBe("Topicality over 2 tokens: mean 1.50 nats.");
  const fall = [...Array<number>(12).fill(2), ...Array<number>(12).fill(-1)];
  expect(words(fall)).toBe(
    "Topicality over 24 tokens: mean 0.50 nats; 2.00 over the first 12, −1.00 over the last.",
  );
});
