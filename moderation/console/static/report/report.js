// What can be done with a model, beside its report.

import { call } from "../shared/api.js";
import "../shared/cases.js";
import { at, el } from "../shared/dom.js";
import { promotion } from "../shared/promotion.js";
import { button, modelPath, path, say } from "../shared/room.js";
import { t } from "../shared/texts.js";

const { version, refused, active, shipped } = at("gate").dataset;

async function silently() {
  await call("PUT", path("/shadow"), { version });
  say(t("model.scores_silently", { version }));
}

async function takeAway() {
  const file = await call("GET", `${modelPath(version)}/file`, undefined, { patience: 120_000 });
  const address = URL.createObjectURL(file);
  el("a", { href: address, download: `${version}.safetensors` }).click();
  URL.revokeObjectURL(address);
}

if (!active) {
  const done = async () => {
    say(t("model.promoted", { version }));
    location.reload();
  };
  at("actions").append(...promotion(version, Boolean(refused), done));
  if (!shipped) at("actions").append(button("button", t("models.silently"), silently));
}
at("actions").append(button("button", t("models.take_away"), takeAway));
