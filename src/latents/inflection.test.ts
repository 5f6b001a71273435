import { expect, test } from "vitest";
import { inflectionKey } from "./inflection.ts";

test.each([
  ["achieve", "achieves", "achieved", "achieving"],
  ["run", "runs", "running"],
  ["study", "studies", "studied"],
  ["castle", "castles", "Castle", "castle's"],
  ["bus", "buses"],
  ["box", "boxes"],
  ["stop", "stopped", "stopping"],
  ["Virus", "virus", "viruses"],
])("%s and its forms have one key", (...forms) => {
  expect(new Set(forms.map(inflectionKey)).size).toBe(1);
});

test.each([
  ["thing", "the"],
  ["king", "kin"],
  ["need", "ned"],
  ["glass", "gla"],
  ["this", "thi"],
])("%s is no form of %s", (word, other) => {
  expect(inflectionKey(word)).not.toBe(inflectionKey(other));
});
