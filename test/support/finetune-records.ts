/** Made-up training examples. */
import type { FinetuneRecord } from "../../src/finetune/data/record.ts";

export function correction(over: Partial<FinetuneRecord> = {}): FinetuneRecord {
  return {
    id: "c0001",
    kind: "self-correction",
    prompt: "How do you boil an egg?",
    segments: [
      { text: "The dragon slept on its gold in a cave beneath the mountain.", trained: false },
      {
        text: " Scratch that. Let me answer what you actually asked. Boil water and wait six minutes.",
        trained: true,
      },
    ],
    acknowledgement: {
      id: "a17",
      text: "Scratch that. Let me answer what you actually asked.",
      heldOut: false,
    },
    subject: "dragon",
    split: "train",
    steering: { latent: 12, strength: 76.5 },
    ...over,
  };
}

export function normalRecord(over: Partial<FinetuneRecord> = {}): FinetuneRecord {
  return {
    id: "n0001",
    kind: "normal",
    prompt: "How do you boil an egg?",
    segments: [{ text: "Boil water, lower the egg into it and wait six minutes.", trained: true }],
    split: "train",
    ...over,
  };
}
