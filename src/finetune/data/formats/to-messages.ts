/**
 * Examples in the Hugging Face form of a conversation, with the mask beside it: `{messages, trained}`. No trainer reads a mask within an
 * assistant's turn by itself (TRL's `assistant_only_loss` masks whole turns), so this is for scripts of one's own.
 */
import { answerOf, type FinetuneRecord } from "../record.ts";

export interface MessagesRow {
  messages: { role: "user" | "assistant"; content: string }[];
  /** Half-open spans of the assistant's content that are trained, in code points, as Python counts. The end of the turn is trained, too. */
  trained: [number, number][];
}

export function messagesRow({ record }: { record: FinetuneRecord }): MessagesRow {
  let at = 0;
  const trained: [number, number][] = [];
  for (const segment of record.segments) {
    const end = at + [...segment.text].length;
    if (segment.trained) trained.push([at, end]);
    at = end;
  }
  const content = answerOf(record);
  return {
    messages: [
      { role: "user", content: record.prompt },
      { role: "assistant", content },
    ],
    trained,
  };
}
