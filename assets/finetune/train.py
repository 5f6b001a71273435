"""LoRA with TRL on the examples beside this file. Settings are in config.json; `python train.py [name=value ...]` overrides the trainer's.

An example is a list of segments. The first holds the whole chat template, BOS included, so nothing is added here. Every segment is tokenised on
its own, and only tokens of trained segments have a label: all others are out of the loss. The data set comes to TRL finished, because TRL's own
mask of the assistant's turn could not leave out the turn's beginning.
"""

import json
import math
import sys
from pathlib import Path

from datasets import Dataset
from peft import LoraConfig
from transformers import AutoTokenizer
from trl import SFTConfig, SFTTrainer

FOLDER = Path(__file__).resolve().parent
# the label that PyTorch's cross-entropy leaves out
IGNORED = -100


def rows(file, tokenizer, longest):
    kept, left_out = [], 0
    with open(FOLDER / file, encoding="utf-8") as lines:
        for line in lines:
            ids, labels = [], []
            for segment in json.loads(line)["segments"]:
                tokens = tokenizer(segment["text"], add_special_tokens=False)["input_ids"]
                ids += tokens
                labels += tokens if segment["label"] else [IGNORED] * len(tokens)
            if len(ids) > longest:
                left_out += 1
            else:
                kept.append({"input_ids": ids, "labels": labels})
    if left_out:
        print(f"{left_out} examples of {file} are longer than {longest} tokens and were left out", file=sys.stderr)
    return Dataset.from_list(kept)


def main():
    config = json.loads((FOLDER / "config.json").read_text(encoding="utf-8"))
    settings = config["trainer"]
    for word in sys.argv[1:]:
        name, value = word.split("=", 1)
        settings[name] = json.loads(value)
    settings["output_dir"] = str(FOLDER / settings["output_dir"])
    tokenizer = AutoTokenizer.from_pretrained(config["model"])
    if config["pad_token"] is not None:
        tokenizer.pad_token = config["pad_token"]
    train = rows(config["train"], tokenizer, settings["max_length"])
    if config["validation"] is None:
        parts = train.train_test_split(test_size=config["validation_share"], seed=settings["seed"])
        train, validation = parts["train"], parts["test"]
    else:
        validation = rows(config["validation"], tokenizer, settings["max_length"])
    batch = settings["per_device_train_batch_size"] * settings["gradient_accumulation_steps"]
    steps = math.ceil(len(train) / batch)
    trainer = SFTTrainer(
        model=config["model"],
        args=SFTConfig(
            **settings,
            dataset_kwargs={"skip_prepare_dataset": True},
            eval_strategy="steps",
            eval_steps=max(1, steps // config["evaluations_per_epoch"]),
            save_strategy="steps",
            save_steps=max(1, steps // config["saves_per_epoch"]),
            report_to="none",
        ),
        train_dataset=train,
        eval_dataset=validation,
        processing_class=tokenizer,
        peft_config=LoraConfig(**config["lora"]),
    )
    trainer.train()
    trainer.save_model(settings["output_dir"])


if __name__ == "__main__":
    main()
