/** An example as a person reads it: what is masked from the loss is marked. */
import type { FinetuneRecord } from "./record.ts";

export interface PreviewOptions {
  record: FinetuneRecord;
  /** Marks masked text, for example by dimming it. @default brackets */
  mask?: (text: string) => string;
  /** Of the head line. @default as it is */
  head?: (text: string) => string;
}

const brackets = (text: string) => `\u27E6${text}\u27E7`;

/** Several lines: id, kind and origin; the question; the answer. */
export function previewText({ record, mask = brackets, head = (text) => text }: PreviewOptions): string {
  const { id, kind, split, subject, steering, acknowledgement, prompt, segments } = record;
  const facts = [
    id,
    kind,
    ...(split === "validation" ? [split] : []),
    ...(acknowledgement === undefined ? [] : [`acknowledgement ${acknowledgement.id}`]),
    ...(steering === undefined ? [] : [`latent ${steering.latent} at ${steering.strength}`]),
    ...(subject === undefined ? [] : [subject]),
  ];
  const answer = segments.map(({ text, trained }) => (trained ? text : mask(text))).join("");
  return `${head(facts.join(" · "))}\n${prompt}\n${answer}`;
}

/** So many of each kind where there are so many, spread evenly over the file. */
export function chooseForPreview({
  records,
  count,
}: {
  records: readonly FinetuneRecord[];
  count: number;
}): FinetuneRecord[] {
  const step = Math.max(1, records.length / Math.max(1, count));
  const places = new Set(
    Array.from({ length: Math.min(count, records.length) }, (_, i) => Math.floor(i * step)),
  );
  return records.filter((_, i) => places.has(i));
}
