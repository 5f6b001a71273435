/** Command lines of this program in shell text, as words: enough of a shell for what documentation says. */

export interface CommandLine {
  /** Line of the text, from 0. */
  line: number;
  /** Without the program's name. */
  words: string[];
}

/** How documentation calls the program. */
const PROGRAM =
  /^(?:npx countersteer|countersteer|node bin\/countersteer\.js|npm run countersteer --)(?=\s|$)/;

export function commandLines(text: string): CommandLine[] {
  return joinLines(text).flatMap(({ line, code }) =>
    commandsOf(code)
      .map((command) => command.replace(/^(?:[A-Z_]+=\S+\s+)+/, ""))
      .filter((command) => PROGRAM.test(command))
      .map((command) => ({ line, words: wordsOf(command.replace(PROGRAM, "")) })),
  );
}

/** A line that ends in a backslash goes on. */
function joinLines(text: string): { line: number; code: string }[] {
  const joined: { line: number; code: string }[] = [];
  let open = false;
  for (const [line, code] of text.split("\n").entries()) {
    const last = joined.at(-1);
    if (open && last !== undefined) last.code = last.code.slice(0, -1) + code.trimStart();
    else joined.push({ line, code: code.trim() });
    open = code.endsWith("\\");
  }
  return joined;
}

/** What `&&`, `;` and `|` separate, without comments. */
function commandsOf(code: string): string[] {
  const parts = [""];
  let quote = "";
  for (let at = 0; at < code.length; at++) {
    const sign = code.charAt(at);
    if (quote !== "") {
      if (sign === quote) quote = "";
    } else if (sign === '"' || sign === "'") {
      quote = sign;
    } else if (sign === "#" && /^$|\s$/.test(code.slice(0, at))) {
      break;
    } else if (sign === ";" || sign === "|" || (sign === "&" && code.charAt(at + 1) === "&")) {
      if (sign === "&") at++;
      parts.push("");
      continue;
    }
    parts.push((parts.pop() ?? "") + sign);
  }
  return parts.map((part) => part.trim());
}

/** A variable alone may be any number of words, and is left out; inside a word it is taken for `1`. Redirections are left out. */
function wordsOf(command: string): string[] {
  const plain = command.replaceAll(/(?<=\s)[12]?>>?\s*\S+/g, "");
  return [...plain.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)]
    .map(([word]) => word)
    .filter((word) => !/^\$\w+$/.test(word))
    .map((word) => word.replaceAll(/\$\{?\w+\}?/g, "1").replaceAll(/"([^"]*)"|'([^']*)'/g, "$1$2"));
}
