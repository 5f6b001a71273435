/** The session behind the playground's answers: as a run opens it, with the judge where its calibration is there already. */
import { cachedCalibration, judgeOf } from "../../../experiment/calibrate-judge.ts";
import { parseConfig, type RunConfig } from "../../../experiment/config.ts";
import { judgeId, manifestOf } from "../../../experiment/manifest-of.ts";
import { PRESETS } from "../../../experiment/presets.ts";
import { openSession, type Session } from "../../../experiment/session.ts";
import type { Calibration } from "../../../judge/calibration.ts";
import type { Judge } from "../../../judge/judge.ts";
import { LIKELIHOOD_NAME, LIKELIHOOD_VERSION } from "../../../judge/likelihood.ts";
import type { Manifest } from "../../../store/manifest.ts";
import { CONTEXT, type PlaygroundOptions, SLOTS } from "./options.ts";

export interface OpenedPlayground {
  session: Session;
  /** null where there is no calibration: making one takes minutes that nobody asked for. */
  judge: Judge | null;
  calibration: Calibration | null;
  /** Of a run with this session. */
  manifest: Manifest;
  close: () => Promise<void>;
}

/** Settings of a run that answers as the playground does. Throws CONFIG_INVALID. */
export function playgroundConfig({ settings = {} }: Pick<PlaygroundOptions, "settings">): RunConfig {
  // no latents are chosen, so an SAE without labels will do
  const chosen = { ...PRESETS.demo, designs: ["esr"], ...settings, latents: { indices: [] } };
  return parseConfig({ settings: chosen, source: "the playground" });
}

/** Throws what opening a session throws. */
export async function openPlaygroundSession(
  options: Pick<PlaygroundOptions, "settings" | "machine" | "onWarning" | "now">,
): Promise<OpenedPlayground> {
  const { machine, onWarning, now } = options;
  const session = await openSession({
    config: playgroundConfig(options),
    machine: {
      ...machine,
      contextPerSlot: machine.contextPerSlot ?? CONTEXT,
      slots: machine.slots ?? SLOTS,
      ...(onWarning ? { onWarning } : {}),
    },
  });
  try {
    const calibration = cachedCalibration({ session, cacheDir: machine.cacheDir, onWarning });
    const judge = calibration === null ? null : await judgeOf({ session, calibration });
    const manifest = await manifestOf({
      session,
      judge: judge ?? UNCALIBRATED,
      preset: null,
      ...(now ? { now } : {}),
    });
    return { session, judge, calibration, manifest, close: () => session.close() };
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** Names the judge in the manifest of answers that nobody has judged. */
const UNCALIBRATED: Judge = {
  name: LIKELIHOOD_NAME,
  version: LIKELIHOOD_VERSION,
  describe: () => ({
    judge: judgeId({ name: LIKELIHOOD_NAME, version: LIKELIHOOD_VERSION }),
    calibration: "none",
  }),
  judge: () => {
    throw new Error("the judge has no calibration");
  },
};
