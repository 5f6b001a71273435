/**
 * The words with which a response takes back its off-topic start. Many and in several registers, because the paper's data have nearly one
 * (METHOD.md 9.4): a model that learns one sentence by heart is told by that sentence, and not by noticing. One in five is never trained, so
 * that an evaluation can tell phrases that were learned by heart from new ones.
 */
import { createRng } from "../../stats/rng.ts";
import { shuffle } from "../../stats/shuffle.ts";

export interface Acknowledgement {
  id: string;
  text: string;
  /** Never part of training data. */
  heldOut: boolean;
}

const TRAINED = [
  "Wait, that's not what you asked. Let me start over.",
  "Hold on, I got off track. Here's what you actually asked for.",
  "Sorry, I went off topic. Let me answer your question.",
  "Wait, that has nothing to do with your question.",
  "Hmm, I drifted away from the question. Let me try again.",
  "Oops, wrong topic. Let me begin again.",
  "I apologize, I lost my train of thought. Back to your question.",
  "Actually, that's not relevant. Let me start again.",
  "Hang on, this isn't what you wanted to know. Let me get back on topic.",
  "Sorry about that, I got distracted. Let me start from the beginning.",
  "Whoops, I was rambling. Let me answer your question properly.",
  "No, that's wrong. Let me start over.",
  "Ah, I see that I strayed from the topic. Let me return to your question.",
  "Excuse me, I got carried away. Back to the question.",
  "Wait, no. That's off topic. Let me try this again.",
  "I realize that I didn't answer your question. Let me try that again.",
  "Scratch that. Let me answer what you actually asked.",
  "Let me stop there. That was not what you asked about.",
  "My apologies, I digressed. Let me get back to your question.",
  "Oh no, I'm talking about the wrong thing. Let me start again.",
  "Never mind that. Let me return to your question.",
  "Please ignore what I just wrote. Let me start over.",
  "Wait a moment, I answered the wrong question. Let me redo this.",
  "Hmm, that doesn't answer your question. Let me try once more.",
  "Okay, I got sidetracked there. Let me go back to your question.",
  "Forget what I said. Let me start from scratch.",
  "That was a tangent, sorry. Back to your question.",
  "Stop. I am off topic. Let me begin again.",
  "Pardon me, my mind wandered. Let me answer the question you asked.",
  "Good grief, that was off topic. Let me start over.",
  "Disregard the above, please. Let me answer your actual question.",
  "I'm sorry, that was a mistake. Let me correct myself.",
  "Well, that went off the rails. Let me try that again.",
  "I must correct myself. Let me answer your question.",
  "Hold up, that's unrelated to your question. Let me refocus.",
  "Uh, that's not right. Let me back up and start over.",
  "I have wandered off topic. Allow me to start again.",
  "Oh dear, that has nothing to do with what you asked. Starting over:",
  "Correction. Let me get back to your question.",
  "Yikes, I lost the thread. Let me take it from the top.",
];

const HELD_OUT = [
  "Hmm, I seem to be off track here. Let me restart.",
  "Wait, I misread your question. Let me start afresh.",
  "Sorry, I lost focus. Returning to your question:",
  "I got ahead of myself and left the topic. Let me try again.",
  "Oops, that was meant for a different question. Let me redo my answer.",
  "Nope, that isn't what you wanted. Let me give it another go.",
  "I beg your pardon, I have been writing about the wrong subject. Let me begin anew.",
  "On second thought, that's irrelevant. Let me answer the question.",
  "Darn, I veered off course. Let me bring this back to your question.",
  "That makes no sense here. I should start again.",
];

const listed = (texts: readonly string[], { prefix, heldOut }: { prefix: string; heldOut: boolean }) =>
  texts.map((text, i) => ({ id: `${prefix}${String(i + 1).padStart(2, "0")}`, text, heldOut }));

/** All, the trained ones (`a01` to `a40`) first, then the held-out ones (`h01` to `h10`). */
export const ACKNOWLEDGEMENTS: readonly Acknowledgement[] = [
  ...listed(TRAINED, { prefix: "a", heldOut: false }),
  ...listed(HELD_OUT, { prefix: "h", heldOut: true }),
];

/** So many trained ones in seeded order: none comes a second time before all have come once, and so on. */
export function drawAcknowledgements({ count, seed }: { count: number; seed: number }): Acknowledgement[] {
  const trained = ACKNOWLEDGEMENTS.filter(({ heldOut }) => !heldOut);
  const rng = createRng({ seed });
  const drawn: Acknowledgement[] = [];
  while (drawn.length < count) drawn.push(...shuffle(trained, rng));
  return drawn.slice(0, count);
}
