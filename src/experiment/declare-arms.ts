/** From arms to what is hashed: equal arms have equal content on every machine, and no two arms of a run may be equal. */
import { CountersteerError } from "../errors.ts";
import { canonicalJson } from "../store/canonical-json.ts";
import type { Arm, DeclaredArm, Prefill } from "./arms.ts";
import { CONTRAST_RECIPE } from "./contrast-prompts.ts";

export interface ArmContext {
  /** SHA-256 of the dictionary, which names it in keys wherever the file lies. */
  saeHash: string;
  /** Edited layer. */
  layer: number;
}

type Content = DeclaredArm["content"];

/**
 * The arms, each once, with their content. An arm that two designs declare in the same way is one arm.
 * Throws CONFIG_INVALID for an arm without a name, for two arms that differ in their names only, and for one name with two contents.
 */
export function declareArms({ arms, context }: { arms: readonly Arm[]; context: ArmContext }): DeclaredArm[] {
  const declared = new Map<string, DeclaredArm>();
  const names = new Map<string, string>();
  for (const arm of arms) {
    if (arm.name.trim() === "") {
      throw refusal("An arm has no name.", "Trials are told apart by the names of their arms.");
    }
    checkParts(arm);
    const content = contentOf({ arm, arms, context });
    const text = canonicalJson(content);
    const before = declared.get(arm.name);
    if (before !== undefined && canonicalJson(before.content) !== text) {
      throw refusal(
        `Two different arms are called "${arm.name}".`,
        "Their trials would lie under one name.",
        { name: arm.name },
      );
    }
    const twin = names.get(text);
    if (twin !== undefined && twin !== arm.name) {
      throw refusal(
        `The arms "${twin}" and "${arm.name}" do the same.`,
        "Their trials would be the same trials, and the comparison one of a thing with itself.",
        { arms: [twin, arm.name] },
      );
    }
    names.set(text, arm.name);
    declared.set(arm.name, { ...arm, content });
  }
  return [...declared.values()];
}

/** The plain steered and the unsteered arm have the content that they always had, so that the keys of older runs hold. */
function contentOf({ arm, arms, context }: { arm: Arm; arms: readonly Arm[]; context: ArmContext }): Content {
  const { steering, ablation, metaPrompt, prefill, adapter, recording } = arm;
  const { saeHash, layer } = context;
  const positions = arm.positions.kind === "all" ? "all" : { ...arm.positions };
  const level = steering?.level ?? null;
  const plain = level === null || (level.kind === "threshold" && level.times === 1);
  return {
    ...(steering === null ? { steer: null } : {}),
    ...(steering?.by === "latent" ? { steer: "sae-latent", sae: saeHash, layer, positions } : {}),
    ...(steering?.by === "contrast" ? { steer: "contrast", recipe: CONTRAST_RECIPE, layer, positions } : {}),
    ...(plain ? {} : { level: { ...level } }),
    ...(ablation === null ? {} : { ablate: { ...ablation, sae: saeHash, layer, positions } }),
    ...(metaPrompt === null ? {} : { metaPrompt: { ...metaPrompt } }),
    ...(prefill === null ? {} : { prefill: prefillContent({ prefill, arms, context }) }),
    ...(adapter === null ? {} : { adapter: adapter.hash }),
    ...(recording === null ? {} : { record: { ...recording, sae: saeHash, layer } }),
  };
}

/** A source is named by what it does: its name may change. */
function prefillContent({
  prefill,
  arms,
  context,
}: {
  prefill: Prefill;
  arms: readonly Arm[];
  context: ArmContext;
}): Content {
  if (prefill.kind === "text") return { ...prefill };
  const of = (name: string): Content => {
    const source = arms.find((each) => each.name === name);
    if (source === undefined || source.prefill !== null) {
      throw refusal(
        `An arm begins its answers with those of "${name}".`,
        source === undefined ? "There is no such arm." : "That arm begins with those of another one itself.",
        { arm: name },
      );
    }
    return contentOf({ arm: source, arms, context });
  };
  const { kind, arm, tokens, sameLengthAs, followedBy } = prefill;
  return {
    kind,
    from: of(arm),
    tokens,
    sameLengthAs: sameLengthAs.map(of),
    ...(followedBy === undefined ? {} : { followedBy }),
  };
}

function checkParts({ name, ablation, steering, recording, prefill, metaPrompt }: Arm): void {
  const level = steering?.level;
  const problem =
    ablation?.latents.length === 0
      ? "ablates no latent"
      : ablation !== null && new Set(ablation.latents).size < ablation.latents.length
        ? "ablates a latent twice"
        : ablation !== null && !(ablation.share > 0 && ablation.share <= 1)
          ? "clamps by a share that does not lie above 0 and up to 1"
          : level?.kind === "threshold" && !(level.times > 0)
            ? "steers at no multiple of the threshold above 0"
            : level?.kind === "kl" && !(level.nats > 0)
              ? "steers at no divergence above 0"
              : recording?.latents.length === 0 && recording.withSteered !== true
                ? "records no latent"
                : prefill?.kind === "arm" && prefill.tokens < 1
                  ? "begins with no token of another arm's answers"
                  : (prefill?.kind === "text" && prefill.text === "") ||
                      (prefill?.kind === "arm" && prefill.followedBy === "") ||
                      metaPrompt?.text.trim() === ""
                    ? "has an empty text"
                    : null;
  if (problem !== null) {
    throw refusal(`The arm "${name}" ${problem}.`, "It would be another arm under a false name.", {
      arm: name,
    });
  }
}

function refusal(what: string, why: string, facts: Record<string, unknown> = {}): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", {
    what,
    why,
    todo: "Correct the settings of the designs; `countersteer designs` lists them.",
    facts,
  });
}
