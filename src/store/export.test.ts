import { expect, it } from "vitest";
import { FAILED, judgementRecord, manifestRecord, trialRecord } from "../../test/support/run-records.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { exportChats, exportCsv, exportJsonl } from "./export.ts";
import { createRun } from "./open-store.ts";

async function withRun<T>(work: (store: ReturnType<typeof createRun>) => T): Promise<T> {
  await using folder = await temporaryFolder();
  using store = createRun({ dir: folder.path, manifest: manifestRecord() });
  store.putTrial(trialRecord({ prompt: 'Say "hi",\nplease' }));
  store.putJudgement(judgementRecord());
  store.putTrial(trialRecord({ ...FAILED, key: "b", latent: null, arm: "unsteered" }));
  return work(store);
}

it("JSONL holds every trial with its judgement and nothing is lost", async () => {
  const lines = await withRun((store) => [...exportJsonl({ store })]);
  const [first, second, ...more] = lines.map((line): unknown => JSON.parse(line));
  expect(more).toEqual([]);
  const { tokens, offsets, ...rest } = trialRecord({ prompt: 'Say "hi",\nplease' });
  expect(first).toEqual({
    ...rest,
    tokens: [...tokens],
    offsets: [...offsets],
    judgement: judgementRecord(),
  });
  expect(second).toMatchObject({ key: "b", judgement: null, error: { code: "EDIT_NOT_APPLIED" } });
  expect(lines.every((line) => line.endsWith("\n"))).toBe(true);
});

it("CSV quotes what needs quotes and leaves absent values empty", async () => {
  const text = await withRun((store) => [...exportCsv({ store })].join(""));
  expect(text).toMatchInlineSnapshot(`
    "key,arm,unit,latent,strength,prompt_index,prompt,seed,text,tokens,prompt_tokens,finish,degraded,error,rows_edited,mean_dose,judge,status,attempts,scored_attempts,first_score,last_score,created_at,repeat,judged_at,token_ids,token_offsets,receipt,attempt_list,judgement_detail
    trial-1,steered,unit of trial-1,7,12.25,3,"Say ""hi"",
    please",99,"Bees hum. Wait, let me start over. Mix flour and water.",3,20,stop,false,,23,0.5,likelihood/1,scored,2,2,10,90.5,2026-01-02T03:04:05.000Z,0,2026-01-02T03:04:05.000Z,"[5,70000,6]","[0,10,35]","{""layer"":15,""rowsEdited"":23,""promptRows"":20,""generatedRows"":3,""meanDose"":0.5,""meanNormBefore"":40,""meanNormAfter"":44.5,""edits"":[{""kind"":""add"",""latent"":7,""rowsChanged"":23,""meanValueBefore"":0,""meanValueAfter"":11.5}]}","[{""start"":0,""end"":9,""restartPhrase"":null,""score"":10,""components"":{""topic"":0.1}},{""start"":10,""end"":55,""restartPhrase"":""Wait, let me start over"",""score"":90.5,""components"":{""topic"":0.9}}]","{""curve"":[0.1,0.9],""note"":""clear""}"
    b,unsteered,unit of b,,12.25,3,How do I bake bread?,99,,0,20,,false,"{""code"":""EDIT_NOT_APPLIED"",""what"":""No row was edited.""}",,,,,,,,,2026-01-02T03:04:05.000Z,,,[],[],,,
    "
  `);
});

it("takes the filters of the store", async () => {
  const lines = await withRun((store) => [...exportCsv({ store, arm: "unsteered" })]);
  expect(lines).toHaveLength(2);
});

it("chats are the responses with their prompts, and a failed trial is none", async () => {
  const lines = await withRun((store) => [...exportChats({ store })]);
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    {
      kind: "chat",
      prompt: 'Say "hi",\nplease',
      response: "Bees hum. Wait, let me start over. Mix flour and water.",
    },
  ]);
});
