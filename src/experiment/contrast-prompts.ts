/** Prompts whose mean difference gives a steering vector for a label: the same requests about the label and about plain things. */

const REQUESTS = [
  "Tell me about X.",
  "Write a short story in which X plays the main part.",
  "What comes to mind when you think of X?",
  "Describe X in detail.",
  "Explain X to somebody who has never heard of it.",
  "Let us talk about X and nothing else.",
];

const PLAIN = ["an ordinary day", "a household object", "something common", "a person"];

/** Part of the content of arms that steer by such a vector: change it with the prompts or with the rows that are read. */
export const CONTRAST_RECIPE = "difference-of-means/1";

export interface ContrastPrompts {
  about: string[];
  plain: string[];
}

export function contrastPrompts({ label }: { label: string }): ContrastPrompts {
  const filledWith = (subject: string) => REQUESTS.map((request) => request.replace("X", () => subject));
  return { about: filledWith(label), plain: PLAIN.flatMap(filledWith) };
}
