/** Names for the arms of saved answers: arms of the same content are one arm, and others of the same kind are numbered. */
import type { DeclaredArm } from "../../../experiment/arms.ts";
import { canonicalJson } from "../../../store/canonical-json.ts";
import type { ArmRecord } from "../../../store/records.ts";

export class ArmNames {
  readonly #arms = new Map<string, ArmRecord>();

  /** The first arm of a name keeps it, the next ones are `name-2`, `name-3`. */
  of({ name, content }: Pick<DeclaredArm, "name" | "content">): string {
    const text = `${name} ${canonicalJson(content)}`;
    const known = this.#arms.get(text);
    if (known !== undefined) return known.name;
    const taken = [...this.#arms.keys()].filter((each) => each.startsWith(`${name} `)).length;
    const arm = { name: taken === 0 ? name : `${name}-${taken + 1}`, content };
    this.#arms.set(text, arm);
    return arm.name;
  }

  arms(): ArmRecord[] {
    return [...this.#arms.values()];
  }
}
