/** The requests by which a model is made to write about a topic: different kinds of text, so that an SAE sees more than explanations. */

export const ASKS: readonly ((topic: string) => string)[] = [
  (topic) => `What should I know about "${topic}"?`,
  (topic) => `Write a short how-to guide that involves "${topic}".`,
  (topic) => `Tell me a short story in which "${topic}" plays a part.`,
  (topic) => `Describe "${topic}" in detail.`,
  (topic) => `Give me five facts about "${topic}".`,
  (topic) => `Explain "${topic}" to a child.`,
  (topic) => `Which problems come up with "${topic}", and how are they solved?`,
  (topic) => `Write a dialogue between two friends about "${topic}".`,
  (topic) => `Give me step-by-step instructions for something practical about "${topic}".`,
  (topic) => `What is the history of "${topic}"?`,
  (topic) => `Write a newspaper report about "${topic}".`,
  (topic) => `How does "${topic}" differ from similar things?`,
];

export interface Ask {
  /** Its number among all; the order in which they are asked. */
  index: number;
  topic: string;
  prompt: string;
}

/** Every topic once a round, each round with another request: `rounds * topics` asks. */
export function asksAbout({ topics, rounds }: { topics: readonly string[]; rounds: number }): Ask[] {
  const asks: Ask[] = [];
  for (let round = 0; round < rounds; round++) {
    topics.forEach((topic, i) => {
      const ask = ASKS[(i + round) % ASKS.length];
      if (ask !== undefined) asks.push({ index: asks.length, topic, prompt: ask(topic) });
    });
  }
  return asks;
}
