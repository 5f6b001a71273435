/** How far a run is, and the rate of one arm so far, for those who watch it. */
import { z } from "zod";
import { factsPlace } from "./facts-place.ts";
import type { RunStore } from "./run-store.ts";

const count = z.int().min(0);
const countsSchema = z.object({ trials: count, errored: count, judged: count });
const clustersSchema = z.array(z.object({ cluster: z.string(), n: count, successes: count }));

export interface RunProgress extends z.infer<typeof countsSchema> {
  /** Scored trials of the arm and those with several scored attempts, by latent; by prompt where a trial has no latent. */
  multiAttempt: z.infer<typeof clustersSchema>;
}

export interface RunProgressOptions {
  store: RunStore;
  /** `name/version`. */
  judge: string;
  /** Whose rate is wanted. */
  arm: string;
}

export function runProgress({ store, judge, arm }: RunProgressOptions): RunProgress {
  return store.read((db) => {
    const place = factsPlace(db);
    const judged = `${place}.judgement_facts AS j WHERE j.judge = ? AND j.latest = 1`;
    const counts = db.get(
      `SELECT count(*) AS trials, coalesce(sum(failed), 0) AS errored, (SELECT count(*) FROM ${judged}) AS judged FROM ${place}.trial_facts`,
      [judge],
    );
    const clusters = db.all(
      "SELECT coalesce('latent ' || t.latent, 'prompt ' || t.prompt_index) AS cluster, count(*) AS n, sum(j.scored >= 2) AS successes " +
        `FROM ${place}.trial_facts AS t, ${judged} AND j.trial = t.trial AND t.arm = ? AND j.scored > 0 GROUP BY 1`,
      [judge, arm],
    );
    return {
      ...db.decode({ schema: countsSchema, table: "trial_facts", read: () => counts }),
      multiAttempt: db.decode({ schema: clustersSchema, table: "trial_facts", read: () => clusters }),
    };
  });
}

/** What trials of a run have in common, to choose from. */
export interface TrialChoices {
  trials: number;
  latents: number[];
  prompts: { index: number; prompt: string }[];
}

const latentsSchema = z.array(z.object({ latent: count }));
const promptsSchema = z.array(z.object({ index: count, prompt: z.string() }));

export function trialChoices({ store }: { store: RunStore }): TrialChoices {
  return store.read((db) => {
    const facts = `${factsPlace(db)}.trial_facts`;
    const latents = db.all(`SELECT DISTINCT latent FROM ${facts} WHERE latent IS NOT NULL ORDER BY latent`);
    const prompts = db.all(
      `SELECT f.prompt_index AS "index", t.prompt FROM (SELECT prompt_index, min(trial) AS trial FROM ${facts} GROUP BY prompt_index) AS f ` +
        "JOIN trials AS t ON t.seq = f.trial ORDER BY 1",
    );
    return {
      trials: Number(db.get(`SELECT count(*) AS n FROM ${facts}`)?.n),
      latents: db
        .decode({ schema: latentsSchema, table: "trial_facts", read: () => latents })
        .map(({ latent }) => latent),
      prompts: db.decode({ schema: promptsSchema, table: "trials", read: () => prompts }),
    };
  });
}
