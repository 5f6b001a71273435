import { expect, test } from "vitest";
import { codeBlocks, codeSpans } from "./code-blocks.ts";
import { commandLines } from "./command-lines.ts";

const TEXT = `# Title

Run \`countersteer run\` now.

<!-- not run: needs a key -->
\`\`\`sh
npx countersteer demo
\`\`\`

    countersteer plan
    countersteer run x

- an item
    that goes on

<!-- file: a.yaml -->

\`\`\`yaml
a: 1
\`\`\`

text <!-- file: b -->

  \`\`\`json
  {"a":
    1}
  \`\`\`
`;

test("fenced and indented blocks are found with their marks, and list items are none", () => {
  const found = codeBlocks({ file: "f", text: TEXT });
  expect(found.map(({ language, code, line }) => [language, code, line])).toEqual([
    ["sh", "npx countersteer demo", 7],
    ["indented", "countersteer plan\ncountersteer run x", 10],
    ["yaml", "a: 1", 19],
    ["json", '{"a":\n  1}', 25],
  ]);
  expect(found.map(({ notRun, saveAs }) => [notRun, saveAs])).toEqual([
    ["needs a key", null],
    [null, null],
    [null, "a.yaml"],
    [null, null],
  ]);
});

test("spans are found in running text only", () => {
  expect(codeSpans({ file: "f", text: TEXT })).toEqual([{ file: "f", line: 3, code: "countersteer run" }]);
});

test.each([
  ["npx countersteer run a.yaml   # why", [["run", "a.yaml"]]],
  ["npm ci && npx countersteer demo | head", [["demo"]]],
  ['countersteer steer "How do you; do?" --latent 3', [["steer", "How do you; do?", "--latent", "3"]]],
  ["A=b countersteer run x $urls --shard $N/8 > log", [["run", "x", "--shard", "1/8"]]],
  ["countersteer run a \\\n  --seed 1", [["run", "a", "--seed", "1"]]],
  ["countersteers run", []],
  ["# countersteer run", []],
])("the command lines of %j", (text, words) => {
  expect(commandLines(text).map((each) => each.words)).toEqual(words);
});
