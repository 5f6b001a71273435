import { visibleText } from "../../../src/report/visible-text.ts";

/** Text of models, files and names, on one line or many: what would hide or reorder is shown as its code point. */
export function OddText({ text }: { text: string }) {
  return <bdi>{visibleText(text)}</bdi>;
}
