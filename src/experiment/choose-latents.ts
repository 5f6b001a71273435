/** Chooses a run's latents: concrete by label, and silent at the edited layer on every prompt of both sets (METHOD.md 4). */
import type { CaptureRequest } from "../engine/engine.ts";
import { CountersteerError } from "../errors.ts";
import { readLexicon } from "../latents/lexicon.ts";
import { selectLatents } from "../latents/select-latents.ts";
import type { Session } from "./session.ts";
import { latentsTrainedOn } from "./trained-on.ts";
import { LABEL } from "./trial-setup.ts";

export interface ChooseOptions {
  session: Session;
  signal?: AbortSignal | undefined;
  onPrompt?: () => void;
}

/** A latent as the store takes it. */
export interface Chosen {
  latent: number;
  label: string | null;
  detail: { concreteness: number | null; frequency: number | null };
}

/** The chosen latents in their order. Throws LATENT_UNKNOWN or LATENTS_EXHAUSTED. */
export async function chooseLatents({ session, signal, onPrompt }: ChooseOptions): Promise<Chosen[]> {
  const { config, labels, dictionary, arms, trainedOn } = session;
  const { indices } = config.latents;
  // a latent that is clamped in some arm would not be steered there
  const clamped = new Set(arms.flatMap(({ ablation }) => ablation?.latents ?? []));
  if (indices !== null) {
    refuseClamped(indices.filter((latent) => clamped.has(latent)));
    refuseUnlabelled({ session, latents: indices });
    return indices.map((latent) => {
      // an index out of range is refused here, before anything is generated
      dictionary.direction(latent);
      const label = labels.find(({ index }) => index === latent);
      return {
        latent,
        label: label?.label ?? null,
        detail: { concreteness: null, frequency: label?.frequency ?? null },
      };
    });
  }
  const maxima = await promptMaxima({ session, signal, ...(onPrompt ? { onPrompt } : {}) });
  const { chosen } = selectLatents({
    labels,
    maxima: { values: maxima, latents: dictionary.latents },
    lexicon: readLexicon({}),
    count: config.latents.count,
    seed: config.seed,
    minConcreteness: config.latents.minConcreteness,
    minFrequency: config.latents.minFrequency,
    exclude: new Set([
      ...clamped,
      ...config.latents.exclude,
      ...latentsTrainedOn({ trainedOn, latents: labels.map(({ index }) => index) }),
    ]),
  });
  return chosen.map(({ index, label, concreteness, frequency }) => ({
    latent: index,
    label,
    detail: { concreteness: concreteness.rating, frequency },
  }));
}

/** Told before thresholds are sought for hours. */
function refuseUnlabelled({ session, latents }: { session: Session; latents: number[] }): void {
  const wanting = session.arms.filter(
    ({ steering, metaPrompt }) => steering?.by === "contrast" || metaPrompt?.text.includes(LABEL),
  );
  const labelled = new Set(session.labels.map(({ index }) => index));
  const without = latents.filter((latent) => !labelled.has(latent));
  if (wanting.length === 0 || without.length === 0) return;
  throw new CountersteerError("CONFIG_INVALID", {
    what: `The latents ${without.join(", ")} have no label.`,
    why: `The arms ${wanting.map(({ name }) => name).join(", ")} are made of labels.`,
    todo: "Choose labelled latents, make labels with `countersteer latents label`, or leave these arms out.",
    facts: { latents: without },
  });
}

function refuseClamped(latents: number[]): void {
  if (latents.length === 0) return;
  throw new CountersteerError("CONFIG_INVALID", {
    what: `The latents ${latents.join(", ")} are steered, and clamped in some arm.`,
    why: "A clamp works against steering of the same latent, and would look like the effect of a detector.",
    todo: "Take them out of latents.indices, or out of the ablated sets.",
    facts: { latents },
  });
}

/** Greatest value of each latent over each prompt's tokens, `[prompts, latents]`, read without steering. */
async function promptMaxima({ session, signal, onPrompt }: ChooseOptions): Promise<Float32Array> {
  const { engine, dictionary, layer, prompts, tokensOf } = session;
  const all = [...prompts.evaluation, ...prompts.heldOut];
  const requests: CaptureRequest[] = [];
  for (const [index, prompt] of all.entries()) {
    requests.push({
      id: String(index),
      tokens: await tokensOf(prompt),
      layer,
      what: { kind: "latents", sae: dictionary.path, latents: [] },
    });
  }
  const maxima = new Float32Array(all.length * dictionary.latents);
  for await (const { id, rows, columns, values } of engine.capture(requests, signal ? { signal } : {})) {
    const row = maxima.subarray(Number(id) * columns, (Number(id) + 1) * columns);
    for (let token = 0; token < rows; token++) {
      for (let k = 0; k < columns; k++) {
        row[k] = Math.max(row[k] ?? 0, values[token * columns + k] ?? 0);
      }
    }
    onPrompt?.();
  }
  return maxima;
}
