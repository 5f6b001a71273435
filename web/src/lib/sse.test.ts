import fc from "fast-check";
import { expect, test } from "vitest";
import { readEvents } from "./sse.ts";

async function* cut(text: string, sizes: readonly number[]) {
  let at = 0;
  for (const size of sizes) {
    yield text.slice(at, at + size);
    at += size;
  }
  yield text.slice(at);
}

async function all(text: string, sizes: readonly number[] = []): Promise<string[]> {
  const got: string[] = [];
  for await (const data of readEvents(cut(text, sizes))) got.push(data);
  return got;
}

test("events do not depend on where the text is cut, nor on the kind of line breaks", async () => {
  const line = fc.string().map((text) => text.replaceAll(/[\r\n]/g, " "));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(line, { minLength: 1, maxLength: 3 })),
      fc.array(fc.integer({ min: 1, max: 9 })),
      fc.constantFrom("\n", "\r\n", "\r"),
      async (events, sizes, lineBreak) => {
        const text = events
          .map((lines) => [...lines.map((each) => `data: ${each}`), "", ""].join(lineBreak))
          .join("");
        // the last line break may be half of one, so that something has to follow
        const found = await all(`${text}:end${lineBreak}`, sizes);
        expect(found).toEqual(events.map((lines) => lines.join("\n")));
      },
    ),
  );
});

test("comments, names and ids are no data, and what is cut off by the end is no event", async () => {
  const text = ": hello\nevent: progress\nid: 7\ndata: 1\n\nretry: 10\n\ndata:2\n\ndata: 3\n";
  expect(await all(text)).toEqual(["1", "2"]);
});
