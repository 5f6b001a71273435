/** The reference's training files as records (METHOD.md 9.1, 9.2): its JSON list of conversations, and the axolotl lines that it made of them. */
import { z } from "zod";
import { CountersteerError } from "../../../errors.ts";
import { sha256Of } from "../../../judge/contrast-set.ts";
import { splitRestarts } from "../../../judge/restart-splitter.ts";
import type { FinetuneRecord } from "../record.ts";
import { drop, emptyTally, type Tally } from "../tally.ts";
import { parseTemplateText, withoutEnd } from "./template-text.ts";

const conversationSchema = z.object({
  messages: z.array(z.object({ role: z.string(), content: z.string() })).min(2),
  metadata: z
    .object({ generation_method: z.string().optional(), off_topic_subject: z.string().nullish() })
    .optional(),
});
const segmentsSchema = z.object({
  segments: z.array(z.object({ label: z.boolean(), text: z.string() })).min(1),
});

/** Without split, which is made over all records together. */
export type ImportedRecord = Omit<FinetuneRecord, "split">;

export interface ImportReferenceOptions {
  text: string;
  /** For messages. */
  file: string;
}

/** Rows in which no acknowledgement or no template is found are dropped and counted. Throws CONFIG_INVALID for text that is neither form. */
export function recordsOfReference({ text, file }: ImportReferenceOptions): {
  records: ImportedRecord[];
  tally: Tally;
} {
  const tally = emptyTally();
  const records: ImportedRecord[] = [];
  for (const row of rowsOf({ text, file })) {
    tally.made += 1;
    const made = recordOf(row);
    if (typeof made === "string") {
      drop(tally, made);
      continue;
    }
    tally.kept += 1;
    records.push({ id: `r${String(records.length + 1).padStart(4, "0")}`, ...made });
  }
  return { records, tally };
}

type Row = z.infer<typeof conversationSchema> | z.infer<typeof segmentsSchema>;

function rowsOf({ text, file }: ImportReferenceOptions): Row[] {
  const values = text.trimStart().startsWith("[")
    ? z.array(z.unknown()).parse(parseJson({ text, file, place: "It" }))
    : text.split("\n").flatMap((line, i) => {
        if (line.trim() === "") return [];
        return [parseJson({ text: line, file, place: `Line ${i + 1}` })];
      });
  const schema = z.union([segmentsSchema, conversationSchema]);
  return values.map((value, i) => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw unreadable({ file, why: `Row ${i + 1} has neither messages nor segments.` });
  });
}

function parseJson({ text, file, place }: { text: string; file: string; place: string }): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable({ file, why: `${place} is not JSON.`, cause });
  }
}

/** A record without its id, or why there is none. */
function recordOf(row: Row): Omit<ImportedRecord, "id"> | string {
  if ("segments" in row) return recordOfSegments(row.segments);
  const prompt = row.messages.find(({ role }) => role === "user")?.content.trim() ?? "";
  const answer = row.messages.find(({ role }) => role === "assistant")?.content.trim() ?? "";
  if (prompt === "" || answer === "") return "no-turns";
  if (row.metadata?.generation_method === "normal_response") return normal({ prompt, answer });
  const at = splitRestarts(answer).attempts[1]?.start;
  if (at === undefined) return "no-acknowledgement";
  const start = answer.slice(0, at).trimEnd();
  const subject = row.metadata?.off_topic_subject ?? undefined;
  return corrected({ prompt, start, trained: answer.slice(start.length), subject });
}

function recordOfSegments(
  segments: z.infer<typeof segmentsSchema>["segments"],
): Omit<ImportedRecord, "id"> | string {
  const [first, second, ...more] = segments;
  if (first === undefined || second === undefined || more.length > 0 || first.label || !second.label) {
    return "other-segments";
  }
  const parsed = parseTemplateText(first.text);
  if (parsed === null) return "no-template";
  const trained = withoutEnd(second.text);
  // what does not end with the end of the turn was cut off, and would teach to stop in the middle
  if (trained === null || trained.trim() === "") return "no-end-of-turn";
  if (parsed.start.trim() === "") return normal({ prompt: parsed.prompt, answer: trained.trim() });
  return corrected({ prompt: parsed.prompt, start: parsed.start, trained, subject: undefined });
}

function normal({ prompt, answer }: { prompt: string; answer: string }): Omit<ImportedRecord, "id"> {
  return { kind: "normal", prompt, segments: [{ text: answer, trained: true }] };
}

function corrected({
  prompt,
  start,
  trained,
  subject,
}: {
  prompt: string;
  start: string;
  trained: string;
  subject: string | undefined;
}): Omit<ImportedRecord, "id"> | string {
  const phrase = splitRestarts(start + trained).attempts.at(1)?.restartPhrase ?? null;
  if (phrase === null) return "no-acknowledgement";
  return {
    kind: "self-correction",
    prompt,
    segments: [
      { text: start, trained: false },
      { text: trained, trained: true },
    ],
    acknowledgement: { id: `r-${sha256Of(phrase.toLowerCase()).slice(0, 8)}`, text: phrase, heldOut: false },
    ...(subject === undefined || subject === "" ? {} : { subject }),
  };
}

function unreadable({ file, why, cause }: { file: string; why: string; cause?: unknown }): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", {
    what: `${file} is no training file of the reference.`,
    why,
    todo: "Give its JSON list of conversations, or the lines of segments that axolotl reads.",
    facts: { file },
    cause,
  });
}
