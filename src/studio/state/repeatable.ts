// Whether the open run follows from its set-up alone: then its link and its command repeat it, bit for bit.
import { t } from "../language/words.ts";
import { asDrawn } from "../train/command-line.ts";
import { parameterStatus } from "./parameter-status.ts";
import { opened, setup } from "./store.ts";

/** What the run holds that its link does not; "" if the link has all of it. */
export function beyondLink(): string {
  const found = opened.value;
  if (!found) return "";
  const taught = parameterStatus.value?.taught ?? 0;
  const parts = [
    ...(found.model ? [t("the model it started from, {name}", { name: found.model.name })] : []),
    ...(taught > 0 ? [t("your changes by hand")] : []),
    ...(found.changes.length > 0 ? [t("the settings that you changed while it went on")] : []),
  ];
  return parts.join(t(", and "));
}

/** Whether `deltaprop verify` can repeat the record of the open run; else why not. */
export function unverifiable(): string {
  const { data, rows, randomLabels } = setup.value;
  const found = opened.value;
  if (found?.model)
    return t("It says that the run started from a model, {name}; deltaprop verify does not have it.", {
      name: found.model.name,
    });
  if ((parameterStatus.value?.taught ?? 0) > 0)
    return t("It says that the run was taught by hand; deltaprop verify cannot repeat a hand.");
  if (rows > 0 || randomLabels || !asDrawn(setup.value))
    return t("deltaprop verify needs the whole of the data; these rows were chosen in this page.");
  if (data === "file" && found?.file === null)
    return t("deltaprop verify needs a file or a folder; these files were dropped one by one.");
  return "";
}
