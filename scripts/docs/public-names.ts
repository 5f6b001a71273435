/** What `src/index.ts` exports, by the file that declares it. The compiler has no stable programming interface, so patterns read the file, which holds nothing else. */

export interface PublicName {
  /** As it is exported. */
  name: string;
  /** As its file declares it. */
  declared: string;
  /** From `src/`: `engine/engine.ts`. */
  file: string;
}

const EXPORT = /export (?:type )?\{([^}]*)\} from "\.\/([^"]+)";/g;
/** The index of a layer, all of whose names are passed on. */
const LAYER = /export \* from "\.\/(\w+\/)index\.ts";/g;

/** `read` gives the text of a file of `src/`. Throws where an index holds anything but exports of names. */
export function publicNames({
  index,
  read,
}: {
  index: string;
  read: (file: string) => string;
}): PublicName[] {
  const layers = [...index.matchAll(LAYER)].flatMap(([, folder = ""]) =>
    namesIn(read(`${folder}index.ts`)).map((name) => ({ ...name, file: folder + name.file })),
  );
  return [...namesIn(index.replaceAll(LAYER, "")), ...layers];
}

function namesIn(index: string): PublicName[] {
  const rest = index
    .replaceAll(EXPORT, "")
    .replaceAll(/\/\*\*[\s\S]*?\*\//g, "")
    .trim();
  if (rest !== "") throw new Error(`an index holds more than exports of names: ${rest.slice(0, 80)}`);
  return [...index.matchAll(EXPORT)].flatMap(([, names = "", file = ""]) =>
    names
      .split(",")
      .map((text) => text.trim().replace(/^type /, ""))
      .filter((text) => text !== "")
      .map((text) => {
        const [declared = text, name = declared] = text.split(" as ");
        return { name, declared, file };
      }),
  );
}
