/** A training in a process of its own, so that a test can kill it: `node train-child.ts <folder>`; prints each step. */
import { findCheckpoint } from "../../src/sae/train/checkpoint.ts";
import { openPlainProduct } from "../../src/sae/train/plain-product.ts";
import { openTrainer } from "../../src/sae/train/trainer.ts";
import { sparseRows } from "./sae-rows.ts";
import { TOY, TOY_ROWS } from "./toy-training.ts";

const folder = process.argv[2] ?? "";
const found = await findCheckpoint({ folder });
const position = Number(found?.position ?? 0);
const trainer = await openTrainer({
  settings: TOY,
  source: sparseRows({ ...TOY_ROWS, position }),
  product: openPlainProduct,
  precision: "float32",
  folder,
  checkpointRows: TOY.batchRows,
  workers: 1,
  onStep: ({ step }) => console.log(step),
});
await trainer.run();
await trainer.close();
