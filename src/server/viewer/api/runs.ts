/** The page of all runs and the page of one. */
import { z } from "zod";
import type { RunReport } from "../../../report/run-report.ts";
import { count, problemSchema, rateSchema } from "./common.ts";

const RUN_STATES = ["running", "stopped", "finished"] as const;

/** What changes while a run goes on; `GET /api/runs/:run/live` streams it as server-sent events, `progress` each time it changes. */
export const liveSchema = z.strictObject({
  state: z.enum(RUN_STATES),
  trials: count,
  errored: count,
  judged: count,
  /** null where the run does not say how many there will be. */
  planned: count.nullable(),
  /** Of the first arm that is steered, by the run's own judge. */
  multiAttempt: rateSchema,
});
export type Live = z.infer<typeof liveSchema>;

/** `GET /api/runs`: `{runs}`, newest first. */
export const runRowSchema = z.strictObject({
  /** Names the run in every other path; never a path of the file system. */
  id: z.string(),
  /** Folder relative to the one that is shown. */
  name: z.string(),
  /** null where the run can't be read, and then `problem`. */
  run: z
    .strictObject({
      ...liveSchema.shape,
      createdAt: z.string(),
      design: z.string(),
      preset: z.string().nullable(),
      model: z.string(),
      judge: z.string(),
      arms: z.array(z.string()),
      /** True where `POST /api/runs/:run/resume` can go on with it. */
      resumable: z.boolean(),
    })
    .nullable(),
  problem: problemSchema.nullable(),
});
export type RunRow = z.infer<typeof runRowSchema>;
export const runListSchema = z.strictObject({ runs: z.array(runRowSchema) });

export const figureSchema = z.strictObject({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  /** Drawn by the server out of data; its texts are escaped. Colours are CSS variables of the page. */
  svg: z.string(),
  columns: z.array(z.string()),
  rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))),
});
export type ShownFigure = z.infer<typeof figureSchema>;

/** What can be filtered by. */
export const choicesSchema = z.strictObject({
  arms: z.array(z.string()),
  latents: z.array(z.strictObject({ latent: count, label: z.string().nullable() })),
  prompts: z.array(z.strictObject({ index: count, prompt: z.string() })),
  judges: z.array(z.strictObject({ judge: z.string(), judged: count })),
});
export type Choices = z.infer<typeof choicesSchema>;

/** `GET /api/runs/:run/choices`: what the table of trials needs to know of the run, without the work of a report. */
export const runChoicesSchema = z.strictObject({
  row: runRowSchema,
  choices: choicesSchema,
  total: count,
});
export type RunChoices = z.infer<typeof runChoicesSchema>;

/** `GET /api/runs/:run?arm&latent&prompt&outcome&search&judge`: tables and figures of the trials that are meant. */
export const runPageSchema = z.strictObject({
  row: runRowSchema,
  /** As `report --json` prints it, of the filtered trials. */
  report: z.custom<RunReport>((value) => typeof value === "object" && value !== null),
  figures: z.array(figureSchema),
  choices: choicesSchema,
  /** Trials that the filter lets through, of all. */
  shown: count,
  total: count,
});
export type RunPage = z.infer<typeof runPageSchema>;
