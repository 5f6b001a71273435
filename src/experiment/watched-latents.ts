/** The latents that designs record at each token: off-topic detectors and backtracking latents, each group with what is tested of it. */
import { z } from "zod";
import { CountersteerError } from "../errors.ts";
import { readBacktracking } from "../latents/backtracking/backtracking-file.ts";
import { backtrackingByLabel } from "../latents/backtracking/by-label.ts";
import { readDetectors } from "../latents/detectors/detector-file.ts";
import { labelsFile, readLabels } from "../sae/labels.ts";
import { shippedDictionaries } from "../sae/open-dictionary.ts";
import type { DeclaredGroup } from "../store/analysis.ts";
import type { ArmRecording } from "./arms.ts";

const file = z.string().min(1).nullable().default(null);

/** Fields of a design's settings. */
export const WATCHED = {
  detectors: file.describe("File of `countersteer latents detectors`, or the reference's"),
  confirmedOnly: z.boolean().default(false).describe("Only detectors that the other prompts confirmed"),
  backtracking: file.describe("File of `countersteer latents backtracking`"),
  labels: file.describe(
    "A shipped SAE's name, or a folder with labels: backtracking latents are found by them instead of by a file",
  ),
  window: z
    .tuple([z.int(), z.int()])
    .refine(([from, to]) => from < to, "the first number is below the second")
    .default([-150, 150])
    .describe("Tokens around the restart in the averages, the last one excluded"),
};

export type WatchedSettings = { [Name in keyof typeof WATCHED]: z.output<(typeof WATCHED)[Name]> };

export const WATCHED_NOTHING: WatchedSettings = {
  detectors: null,
  confirmedOnly: false,
  backtracking: null,
  labels: null,
  window: [-150, 150],
};

/** Settings that watch nothing, or name backtracking latents twice, are refused by `refine`. */
export const WATCHED_RULE = {
  holds: ({ detectors, backtracking, labels }: WatchedSettings) =>
    (detectors !== null || backtracking !== null || labels !== null) &&
    (backtracking === null || labels === null),
  message: {
    path: ["detectors"],
    message: "give detectors, and backtracking latents by a file or by labels",
  },
};

export function watchedFiles({ detectors, backtracking }: WatchedSettings): { what: string; path: string }[] {
  return [
    ...(detectors === null ? [] : [{ what: "detectors", path: detectors }]),
    ...(backtracking === null ? [] : [{ what: "backtracking latents", path: backtracking }]),
  ];
}

/**
 * Detectors that fire more off topic should fall when the answer is back on it; backtracking latents should fire in the restart phrase (METHOD.md 8.3).
 * Throws CONFIG_INVALID where a source gives no latent.
 */
export async function watchedGroups(settings: WatchedSettings): Promise<DeclaredGroup[]> {
  const { detectors, backtracking, labels } = settings;
  const watched = [
    ...(detectors === null ? [] : [{ ...DETECTORS, source: detectors, latents: await detecting(settings) }]),
    ...(backtracking === null
      ? []
      : [{ ...BACKTRACKING, source: backtracking, latents: await backtrackingOf(backtracking) }]),
    ...(labels === null ? [] : [{ ...BACKTRACKING, source: labels, latents: byLabels(labels) }]),
  ];
  return watched.map(({ source, ...group }) => {
    if (group.latents.length > 0) return group;
    throw new CountersteerError("CONFIG_INVALID", {
      what: `${source} gives no latent for the group "${group.name}".`,
      why: "A group without a latent has nothing to record.",
      todo: "Find latents with `countersteer latents`, or leave this source out.",
      facts: { source, group: group.name },
    });
  });
}

const DETECTORS = {
  name: "detectors",
  first: "off-topic",
  second: "on-topic",
  alternative: "greater",
} as const;
const BACKTRACKING = {
  name: "backtracking",
  first: "correction",
  second: "off-topic",
  alternative: "greater",
} as const;

/** Those that fire more on topic are no part of a mean over off-topic detectors. */
async function detecting({ detectors, confirmedOnly }: WatchedSettings): Promise<number[]> {
  if (detectors === null) return [];
  const found = await readDetectors({ path: detectors });
  return found.detectors.flatMap((each) => {
    const confirmed = "confirmation" in each && each.confirmation?.confirmed === true;
    return each.sign === 1 && (confirmed || !confirmedOnly) ? [each.latent] : [];
  });
}

async function backtrackingOf(path: string): Promise<number[]> {
  return (await readBacktracking({ path })).latents.map(({ latent }) => latent);
}

function byLabels(name: string): number[] {
  const path = labelsFile({ path: shippedDictionaries().get(name) ?? name });
  if (path === null) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `There are no labels of "${name}".`,
      why: "It is no shipped SAE with labels, and no folder that holds labels.jsonl.gz.",
      todo: "Make labels with `countersteer latents label`, or give a file of backtracking latents.",
      facts: { labels: name },
    });
  }
  return backtrackingByLabel({ labels: readLabels({ path }) }).map(({ latent }) => latent);
}

/** All latents of the groups, each once, with the unit's own. */
export function recordingOf({
  name,
  groups,
}: {
  name: string;
  groups: readonly Pick<DeclaredGroup, "latents">[];
}): ArmRecording {
  return { name, latents: [...new Set(groups.flatMap(({ latents }) => latents))], withSteered: true };
}
