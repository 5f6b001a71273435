/** docs/api/: the public interface, a page for each layer, from the declarations that the compiler writes. */
import { posix } from "node:path";
import type { DeclarationFile } from "./declarations.ts";
import { GENERATED, sentence, table } from "./markdown.ts";
import type { PublicName } from "./public-names.ts";

export interface ApiPage {
  /** In docs/api/. */
  file: string;
  text: string;
}

interface ApiEntry extends PublicName {
  text: string;
  doc: string;
  /** Of the file that declares it. */
  header: string;
}

/** What cells of a schema's type would fill; the fields are documented where the schema is used. */
const LONGEST_CONSTANT = 40;

/** `declarationsOf` gives the declarations of a file of `src/`. Throws where a name is declared nowhere, or nothing says what it is. */
export function apiPages({
  names,
  declarationsOf,
}: {
  names: readonly PublicName[];
  declarationsOf: (file: string) => DeclarationFile;
}): ApiPage[] {
  const entries = names.map((name) => entryOf({ name, declarationsOf }));
  const layers = [...new Set(entries.map(layerOf))].sort();
  const pages = layers.map((layer) => ({
    file: `${layer}.md`,
    text: pageOf({ layer, entries: entries.filter((entry) => layerOf(entry) === layer) }),
  }));
  return [{ file: "README.md", text: indexPage({ layers, entries }) }, ...pages];
}

function entryOf({
  name,
  declarationsOf,
}: {
  name: PublicName;
  declarationsOf: (file: string) => DeclarationFile;
}): ApiEntry {
  const { names, header, passedOn } = declarationsOf(name.file);
  const found = names.get(name.declared);
  if (found !== undefined) {
    if (found.doc === "" && header === "")
      throw new Error(`nothing says what ${name.name} is (${name.file})`);
    return { ...name, ...found, header };
  }
  const from = passedOn.get(name.declared);
  if (from === undefined) throw new Error(`${name.file} declares no ${name.declared}`);
  const file = posix.join(posix.dirname(name.file), from);
  return entryOf({ name: { ...name, file }, declarationsOf });
}

function layerOf({ file }: PublicName): string {
  return file.includes("/") ? (file.split("/")[0] ?? "") : file.replace(/\.ts$/, "");
}

function indexPage({ layers, entries }: { layers: string[]; entries: ApiEntry[] }): string {
  const parts = layers.map((layer) => {
    const callable = entries.filter((entry) => layerOf(entry) === layer && !isType(entry));
    const alone = ({ file }: ApiEntry) => callable.filter((other) => other.file === file).length === 1;
    const rows = callable
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((entry) => [
        `[\`${entry.name}\`](${layer}.md#${anchorOf(entry.name)})`,
        summaryOf({ entry, alone: alone(entry) }),
      ]);
    return [`## [${layer}](${layer}.md)`, ...(rows.length > 0 ? [table({ head: ["name", ""], rows })] : [])];
  });
  return `${[
    "# The interface for programs",
    GENERATED,
    'Everything that `import { ... } from "countersteer"` gives; in a checkout, `from "./src/index.ts"`. What is not here may change without notice. Functions take one object of options; what a ' +
      "user can meet is a `CountersteerError` with a [code](../errors). Examples that run are in [docs/examples](../examples).",
    "The tables name functions and constants; their types are on the pages.",
    ...parts.flat(),
  ].join("\n\n")}\n`;
}

function pageOf({ layer, entries }: { layer: string; entries: ApiEntry[] }): string {
  const files = [...new Set(entries.map(({ file }) => file))].sort();
  const sections = files.flatMap((file) => {
    const own = entries.filter((entry) => entry.file === file);
    const [first] = own;
    return [
      `## ${file.replace(/^[^/]+\//, "").replace(/\.ts$/, "")}`,
      first === undefined ? "" : paragraph(first.header),
      ...own.sort((a, b) => Number(isType(a)) - Number(isType(b))).map(entrySection),
    ].filter((part) => part !== "");
  });
  return `${[`# ${layer}`, GENERATED, `[All layers](README.md). Files are those of \`src/${layer}\`.`, ...sections].join("\n\n")}\n`;
}

function entrySection({ name, declared, doc, text }: ApiEntry): string {
  const renamed = name === declared ? "" : `Declared as \`${declared}\`.`;
  return [`### ${name}`, paragraph(doc), renamed, `\`\`\`ts\n${shortened(text)}\n\`\`\``]
    .filter((part) => part !== "")
    .join("\n\n");
}

function paragraph(doc: string): string {
  return doc === "" ? "" : sentence(doc);
}

function shortened(text: string): string {
  if (!text.startsWith("const ") || text.split("\n").length <= LONGEST_CONSTANT) return text;
  return `${text.split("\n")[0]?.replace(/[<{].*$/, "")}<...>;`;
}

/** What a file says of itself where the name is all that it gives, else what the name says. Sentences about errors and parameters stand on the page. */
function summaryOf({ entry, alone }: { entry: ApiEntry; alone: boolean }): string {
  const texts = alone ? [entry.header, entry.doc] : [entry.doc, entry.header];
  const [first] = texts
    .flatMap((text) =>
      sentence(text.replaceAll(/@(?:param|returns|default)[^\n]*/g, "")).split(/(?<=[^.]\.)\s+(?=[A-Z])/),
    )
    .filter((text) => !/^(?:Throws |After an abort |\.$)/.test(text));
  return first ?? "";
}

function isType({ text }: ApiEntry): boolean {
  return /^(?:interface|type) /.test(text);
}

function anchorOf(name: string): string {
  return name.toLowerCase();
}
