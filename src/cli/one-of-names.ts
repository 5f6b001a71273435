/** A parser for commander's options that accept one of a few words. */
import { CountersteerError } from "../errors.ts";

/** Throws CONFIG_INVALID for any other word. @param flag the option as the user wrote it, for the message */
export function oneOfNames<T extends string>({
  flag,
  names,
}: {
  flag: string;
  names: readonly T[];
}): (text: string) => T {
  return (text) => {
    const name = names.find((each) => each === text);
    if (name !== undefined) return name;
    throw new CountersteerError("CONFIG_INVALID", {
      what: `${flag} can't be "${text}".`,
      why: `It takes ${names.join(", ")}.`,
      todo: `Correct ${flag}.`,
      facts: { option: flag, value: text },
    });
  };
}
