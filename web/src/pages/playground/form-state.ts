/** The form as the address has it, and as the server is asked. A link "replay with ..." of a trial fills the same names. */
import { z } from "zod";
import type { Playground, PlaygroundRequest } from "../../../../src/server/viewer/api/playground.ts";

export const STRENGTH_LIMIT = 10_000;
export const MOST_TOKENS = 1024;
const lines = z.array(z.string()).default([]);

export const formSchema = z.object({
  prompt: z.string().max(20_000).default(""),
  by: z.enum(["latent", "contrast"]).default("latent"),
  latent: z.coerce.number().int().min(0).exactOptional(),
  /** Prompts of a contrast, one a line. */
  positive: lines,
  negative: lines,
  /** Absent is the model's usual one. */
  strength: z.coerce.number().min(-STRENGTH_LIMIT).max(STRENGTH_LIMIT).exactOptional(),
  positions: z.enum(["all", "prompt", "generated"]).default("all"),
  /** `all` detectors, or latents; `chosen` while none is written yet. */
  ablate: z
    .string()
    .regex(/^(?:all|chosen|\d+(?:,\d+)*)$/)
    .exactOptional(),
  /** A name or a text. */
  meta: z.string().max(5000).default(""),
  adapter: z.string().default(""),
  seed: z.coerce.number().int().min(0).default(0),
  temperature: z.coerce.number().min(0).max(5).default(0.6),
  tokens: z.coerce.number().int().min(1).max(MOST_TOKENS).default(160),
});
export type FormState = z.infer<typeof formSchema>;

export type AblationKind = "none" | "all" | "chosen";

export function ablationKind(ablate: string | undefined): AblationKind {
  return ablate === undefined ? "none" : ablate === "all" ? "all" : "chosen";
}

/** Numbers in a text, whatever stands between them, each once. */
export function latentsIn(text: string): number[] {
  return [...new Set((text.match(/\d+/g) ?? []).map(Number))].filter(Number.isSafeInteger);
}

export function strengthOf(form: Pick<FormState, "strength">, shown: Pick<Playground, "strengths">): number {
  return form.strength ?? shown.strengths?.usual ?? 0;
}

/** From the least to the most that the slider offers; the present strength is always within. */
export function strengthRange(
  strength: number,
  { strengths }: Pick<Playground, "strengths">,
): { least: number; most: number; step: number } {
  const least = Math.min(strengths?.least ?? 0, strength);
  const most = Math.max(strengths?.most ?? 100, strength);
  // about two hundred steps, of a round size
  const step = 10 ** Math.floor(Math.log10(Math.max(1e-6, most - least) / 100));
  return { least, most, step };
}

export type Asked = { request: PlaygroundRequest; lacks: null } | { request: null; lacks: string };

/** What is asked of the server, or what the form still lacks. */
export function requestOf(form: FormState, shown: Playground): Asked {
  const { prompt, latent, positions, meta, adapter, seed, temperature, tokens } = form;
  const lack = (lacks: string): Asked => ({ request: null, lacks });
  if (prompt.trim() === "") return lack("Write a question first.");
  const ablate =
    form.ablate === "all" ? shown.detectors.map((each) => each.latent) : latentsIn(form.ablate ?? "");
  const by = steeringBy(form);
  if (form.by === "contrast" && by === null) return lack("A contrast needs a prompt on each side.");
  if (by === null && ablate.length === 0) return lack("Choose a latent to steer with, or latents to ablate.");
  const strength = strengthOf(form, shown);
  return {
    request: {
      prompt,
      steering: by === null ? null : { by, strength, positions },
      ablate,
      metaPrompt: meta === "" ? null : meta,
      adapter: adapter === "" ? null : adapter,
      seed,
      temperature,
      maxTokens: tokens,
    },
    lacks: null,
  };

  function steeringBy({ by: kind, positive, negative }: FormState) {
    if (kind === "latent") return latent === undefined ? null : { kind, latent };
    const [first, second] = [positive, negative].map((texts) => texts.filter((text) => text.trim() !== ""));
    return first?.length && second?.length ? { kind, positive: first, negative: second } : null;
  }
}
