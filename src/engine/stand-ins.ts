/** Characters that stand for control marks while a template is rendered, so that the marks in messages can be told from the template's own. */
import { CountersteerError } from "../errors.ts";
import { type MarkFacts, marksIn } from "./control-marks.ts";

/** The two planes of private characters: no text has them but by agreement. */
const PLANES = [0xf0000, 0x100000];
const PLANE_SIZE = 0xfffe;

export interface StandIns {
  /** The text with each of its marks as one private character. */
  hide: (text: string, facts: MarkFacts) => string;
  restore: (text: string) => string;
  isHidden: (text: string) => boolean;
}

/** `texts` is all that will be rendered. Throws REQUEST_INVALID where it uses both planes itself. */
export function standIns({ marks, texts }: { marks: readonly string[]; texts: readonly string[] }): StandIns {
  const distinct = [...new Set(marks)];
  const plane = PLANES.find(
    (first) => distinct.length <= PLANE_SIZE && !texts.some((text) => patternOf(first).test(text)),
  );
  if (plane === undefined) {
    throw new CountersteerError("REQUEST_INVALID", {
      what: "The messages hold control tokens as text, and characters of both private planes of Unicode.",
      why: "One of the planes is needed to keep such text apart from the chat template's tokens.",
      todo: "Remove the private characters or the control tokens.",
      facts: { marks: distinct.slice(0, 10) },
    });
  }
  const inPlane = patternOf(plane);
  return {
    hide: (text, facts) => {
      let from = 0;
      let hidden = "";
      for (const mark of marksIn(text, facts)) {
        hidden += text.slice(from, mark.at) + String.fromCodePoint(plane + distinct.indexOf(mark.text));
        from = mark.at + mark.text.length;
      }
      return hidden + text.slice(from);
    },
    restore: (text) =>
      text.replace(
        new RegExp(inPlane, "gu"),
        (character) => distinct[(character.codePointAt(0) ?? 0) - plane] ?? character,
      ),
    isHidden: (text) => inPlane.test(text),
  };
}

function patternOf(plane: number): RegExp {
  return new RegExp(`[${String.fromCodePoint(plane)}-${String.fromCodePoint(plane + 0xffff)}]`, "u");
}
