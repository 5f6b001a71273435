/** YAML from outside. The parser's own look for doubled keys compares each key with all before it, so that a long file takes hours; ours doesn't. */
import { isScalar, parseDocument, visit } from "yaml";

/** UTF-16 units. */
const LONGEST = 2 ** 20;

/** Plain values. Throws an Error with the reason: bad syntax, a doubled key, several documents, aliases that multiply, or a text that is too long. */
export function parseYaml(text: string): unknown {
  if (text.length > LONGEST) throw new Error(`It has ${text.length} characters, and ${LONGEST} are the most`);
  const document = parseDocument(text, { uniqueKeys: false, stringKeys: true, logLevel: "error" });
  const [error] = document.errors;
  if (error !== undefined) throw error;
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<string>();
      for (const { key } of items) {
        const name = isScalar(key) ? String(key.value) : String(key);
        if (seen.has(name)) throw new Error(`The key ${name} stands twice in a mapping`);
        seen.add(name);
      }
    },
  });
  return document.toJS();
}
