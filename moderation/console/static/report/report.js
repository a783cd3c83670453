// Actions on a model, next to its report.

import { button } from "../shared/actions.js";
import { call } from "../shared/api.js";
import "../shared/cases.js";
import { at, el } from "../shared/dom.js";
import { promotionOf } from "../shared/promotion.js";
import { modelPath, path } from "../shared/site.js";
import { t } from "../shared/texts.js";
import { say } from "../shared/toast.js";

const FILE_TIMEOUT_MS = 120_000; // a model has some ten megabytes

const { version, refused, active, shipped } = at("gate").dataset;

async function runInShadow() {
  await call("PUT", path("/shadow"), { version });
  say(t("model.scores_silently", { version }));
}

async function download() {
  const file = await call("GET", `${modelPath(version)}/file`, undefined, { timeoutMs: FILE_TIMEOUT_MS });
  const url = URL.createObjectURL(file);
  el("a", { href: url, download: `${version}.safetensors` }).click();
  URL.revokeObjectURL(url);
}

if (!active) {
  const onPromoted = async () => {
    say(t("model.promoted", { version }));
    location.reload();
  };
  at("actions").append(...promotionOf(version, Boolean(refused), onPromoted));
  if (!shipped) at("actions").append(button("button", t("report.silently"), runInShadow));
}
at("actions").append(button("button", t("report.take_away"), download));
