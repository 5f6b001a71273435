/** Which Chromium the tests use: CHROMIUM, Debian's, or the one on the PATH. */
import { existsSync } from "node:fs";
import path from "node:path";

const DEBIAN = "/usr/bin/chromium";

/** null where there is none. Throws where CHROMIUM names a file that is not there. */
export function findChromium({
  env = process.env,
}: {
  env?: Readonly<Record<string, string | undefined>>;
} = {}): string | null {
  const { CHROMIUM: given = "", PATH = "" } = env;
  if (given !== "") {
    if (!existsSync(given)) throw new Error(`CHROMIUM is ${given}, and there is no such file.`);
    return given;
  }
  const onPath = PATH.split(path.delimiter)
    .filter(path.isAbsolute)
    .map((folder) => path.join(folder, "chromium"));
  return [DEBIAN, ...onPath].find((file) => existsSync(file)) ?? null;
}
