import { CountersteerError } from "../../errors.ts";
import { defineDesign, NO_SETTINGS } from "../design.ts";

/** Has no trials: it is done on a run that is there. */
export const judges = defineDesign({
  name: "judges",
  paper: "7",
  summary:
    "Other judges over the stored responses of a run: `countersteer judge rejudge`, then `judge agreement`.",
  settings: NO_SETTINGS,
  declare: () => {
    throw new CountersteerError("CONFIG_INVALID", {
      what: "The design `judges` makes no trials.",
      why: "It lets other judges judge the responses of a run that is there.",
      todo: "Use `countersteer judge rejudge RUN --judge llm --judge-model haiku-4.5`, then `countersteer judge agreement RUN`.",
    });
  },
});
