/** A latent as text for a terminal. */
import type { Concreteness } from "../../latents/concreteness.ts";
import type { LatentContexts } from "../../latents/contexts-file.ts";
import type { Neighbour } from "../../latents/neighbours.ts";
import { markedText } from "../../latents/show-context.ts";
import type { TextContext } from "../../latents/text-context.ts";
import type { Label } from "../../sae/labels.ts";
import type { Terminal } from "../terminal.ts";

export interface LatentTextOptions {
  latent: number;
  label: Label | null;
  concreteness: Concreteness | null;
  contexts: LatentContexts | null;
  neighbours: readonly (Neighbour & { label: string | null })[];
  terminal: Pick<Terminal, "style" | "color">;
}

/** Firing tokens are coloured on a terminal and set in «marks» elsewhere. */
export function latentText(options: LatentTextOptions): string {
  const { latent, label, concreteness, contexts, neighbours, terminal } = options;
  const title = terminal.style("bold", `latent ${latent}  ${label?.label ?? "(no label)"}`);
  const facts =
    label === null
      ? []
      : [
          `fires on ${(100 * label.frequency).toFixed(2)} % of tokens, max ${label.maxActivation.toFixed(1)}, mean ${label.meanActivation.toFixed(1)}`,
          ...(concreteness === null
            ? []
            : [`concreteness ${concreteness.rating.toFixed(0)} of 100 (${concreteness.source})`]),
          ...(label.detection === undefined
            ? []
            : [`label found ${(100 * label.detection).toFixed(0)} % of unseen contexts (balanced)`]),
        ];
  return [
    title,
    ...facts.map((fact) => `  ${fact}`),
    ...listed(
      "words",
      label?.topWords?.map(({ word, share }) => `${word} ${(100 * share).toFixed(0)} %`),
    ),
    ...listed("around", label?.about),
    ...listed("topics", label?.topTopics),
    ...listed("promotes", label?.promoted?.map(quoted)),
    ...listed("suppresses", label?.suppressed?.map(quoted)),
    ...section("strongest", contexts?.top, terminal),
    ...section("a sample of the rest", contexts?.sample, terminal),
    ...(contexts === null
      ? ["", "no contexts: make them with `countersteer latents label --docs FILE`"]
      : []),
    "",
    terminal.style("bold", "neighbours by decoder direction"),
    ...neighbours.map(
      ({ latent: other, cosine, label: name }) =>
        `  ${cosine.toFixed(2).padStart(5)}  ${String(other).padStart(6)}  ${name ?? ""}`,
    ),
  ].join("\n");
}

function listed(name: string, values: readonly string[] | undefined): string[] {
  return values === undefined || values.length === 0 ? [] : [`  ${name}: ${values.join(", ")}`];
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

function section(
  name: string,
  contexts: readonly TextContext[] | undefined,
  terminal: LatentTextOptions["terminal"],
): string[] {
  if (contexts === undefined || contexts.length === 0) return [];
  const mark = (text: string, share: number) =>
    terminal.color ? terminal.style(share > 0.6 ? ["bold", "yellow"] : "yellow", text) : `«${text}»`;
  return [
    "",
    terminal.style("bold", name),
    ...contexts.map((context) => {
      const topic = context.topic === null ? "" : terminal.style("dim", `  [${context.topic}]`);
      return `  ${context.value.toFixed(1).padStart(6)}  ${markedText({ context, mark }).trim()}${topic}`;
    }),
  ];
}
