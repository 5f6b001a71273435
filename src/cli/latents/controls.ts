/** `countersteer latents controls`: random latents that fire like the detectors, to clamp in their place. */
import { type Command, Option } from "commander";
import { CountersteerError } from "../../errors.ts";
import { CONTROLS_SCHEMA, type ControlFile, writeControls } from "../../latents/controls/control-file.ts";
import {
  CLAMP_POSITIONS,
  type ClampPositions,
  collectFiring,
  firingOf,
} from "../../latents/controls/firing.ts";
import { DRAWS, type Draw, matchControls } from "../../latents/controls/match-controls.ts";
import { type DetectorFile, detectorLatents, readDetectors } from "../../latents/detectors/detector-file.ts";
import { provenanceOf } from "../../latents/detectors/provenance.ts";
import { checkLatent } from "../../sae/dictionary.ts";
import { checkWritable } from "../capture/files.ts";
import type { CliContext } from "../context.ts";
import { realNumber, wholeNumber, wholeNumbers } from "../numbers.ts";
import { oneOfNames } from "../one-of-names.ts";
import { type OpenedWithSae, openEngineWithSae } from "../open-engine.ts";
import { packageVersion } from "../package-version.ts";
import { type AnswerFlags, addAnswerOptions, answersOf } from "./answer-source.ts";
import { controlText } from "./control-text.ts";

interface ControlFlags extends AnswerFlags {
  detectors: string;
  sets: number;
  draw: Draw;
  caliper: number;
  positions: ClampPositions;
  steered?: number[];
  confirmed?: boolean;
}

const CONTEXT = 512;
const SLOTS = 8;

export function register(parent: Command, context: CliContext): void {
  const command = parent
    .command("controls")
    .description(
      "Draw sets of random latents that fire as often and as strongly as the detectors where a clamp would act, without repeats.\n" +
        "Reads the texts of --docs (best those of steered trials), else the answers that the detectors were found on.",
    )
    .requiredOption("--detectors <file>", "a file of `latents detectors`, or the reference's")
    .requiredOption("--out <file>", "where the controls go, as JSON")
    .addOption(
      new Option("--sets <n>", "sets of controls")
        .argParser(wholeNumber({ flag: "--sets", min: 1 }))
        .default(5),
    )
    .addOption(
      new Option("--draw <kind>", "matched, or uniform (the paper's: unmatched, dead latents included)")
        .argParser(oneOfNames({ flag: "--draw", names: DRAWS }))
        .default("matched"),
    )
    .addOption(
      new Option("--caliper <sd>", "largest distance of a pair, in deviations of log frequency and log mean")
        .argParser(realNumber({ flag: "--caliper", min: 0 }))
        .default(0.25),
    )
    .addOption(
      new Option("--positions <which>", "tokens that the clamp edits: all, prompt, generated")
        .argParser(oneOfNames({ flag: "--positions", names: CLAMP_POSITIONS }))
        .default("all"),
    )
    .addOption(
      new Option(
        "--steered <latents>",
        "latents that will be steered, separated by commas: they are no controls",
      ).argParser(wholeNumbers({ flag: "--steered", min: 0 })),
    )
    .option("--confirmed", "only detectors that other prompts confirmed");
  addAnswerOptions(command);
  command.action((flags: ControlFlags) => controls({ flags, context }));
}

async function controls({ flags, context }: { flags: ControlFlags; context: CliContext }): Promise<void> {
  const { terminal, signal } = context;
  await checkWritable({ file: flags.out });
  const source = await readDetectors({ path: flags.detectors });
  const detectors = detectorLatents({ file: source, confirmedOnly: flags.confirmed === true });
  if (detectors.length === 0) throw noDetectors({ flags });
  const seed = flags.seed ?? 0;
  const opened = await openEngineWithSae({
    flags,
    context,
    defaults: { slots: SLOTS, contextPerSlot: CONTEXT },
  });
  const { engine, dictionary, layer } = opened;
  try {
    checkSameSae({ source, detectors, opened, context });
    const texts =
      flags.docs === undefined && source.origin === "found"
        ? source.answers
        : await answersOf({ opened, flags, seed, context });
    const { positions, maxTokens, sets, draw, caliper, steered = [] } = flags;
    const firing = await collectFiring({
      engine,
      dictionary,
      layer,
      texts,
      positions,
      maxTokens,
      signal,
      onText: (done) => terminal.status(`reading: ${done} of ${texts.length} texts`),
    });
    const drawn = matchControls({ detectors, firing, exclude: steered, sets, seed, draw, caliper });
    const named = [...detectors, ...drawn.sets.flatMap(({ pairs }) => pairs.map(({ control }) => control))];
    const file: ControlFile = {
      schema: CONTROLS_SCHEMA,
      ...drawn,
      positions,
      fromDocs: flags.docs !== undefined,
      rows: firing.rows,
      firing: [...new Set(named)].map((latent) => ({ latent, ...firingOf({ firing, latent }) })),
      provenance: provenanceOf({
        engine,
        dictionary,
        layer,
        prompts: [...new Set(texts.map(({ prompt }) => prompt))],
        answers: texts,
        seed,
        version: packageVersion(),
      }),
    };
    await writeControls({ path: flags.out, file });
    terminal.result({ data: { out: flags.out, ...file }, text: () => controlText({ file, out: flags.out }) });
  } finally {
    await opened.close();
  }
}

function noDetectors({ flags }: { flags: ControlFlags }): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", {
    what: `${flags.detectors} has no detectors to match.`,
    why: flags.confirmed === true ? "None of them was confirmed on other prompts." : "Its list is empty.",
    todo:
      flags.confirmed === true
        ? "Leave out --confirmed, or find detectors on more prompts."
        : "Find some with `countersteer latents detectors`.",
    facts: { detectors: flags.detectors },
  });
}

/** Indices mean nothing in another dictionary. Throws SAE_MISMATCH, LATENT_UNKNOWN; warns where model or layer differ. */
function checkSameSae({
  source,
  detectors,
  opened: { engine, dictionary, layer },
  context: { terminal },
}: {
  source: DetectorFile;
  detectors: readonly number[];
  opened: OpenedWithSae;
  context: CliContext;
}): void {
  for (const latent of detectors) checkLatent({ facts: dictionary, latent });
  if (source.origin === "reference") {
    terminal.warn(`these detectors are of ${source.model}; nothing says that this SAE is theirs`);
    return;
  }
  const { sae, model, layer: readAt } = source.provenance;
  if (sae.hash !== dictionary.hash()) {
    throw new CountersteerError("SAE_MISMATCH", {
      what: "The detectors are latents of another SAE.",
      why: `They were found in ${sae.path}, whose weights differ from those of ${dictionary.path}.`,
      todo: "Give the SAE with which they were found, or find them again in this one.",
      facts: { found: sae.hash, given: dictionary.hash() },
    });
  }
  if (model.fileHash !== engine.info.fileHash)
    terminal.warn(`the detectors were found with other weights of ${model.name}`);
  if (readAt !== layer)
    terminal.warn(`the detectors were found at layer ${readAt}, the controls are matched at layer ${layer}`);
}
