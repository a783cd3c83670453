// How often the silent model was right where people judged blind.

import { at } from "./dom.js";
import { rangeAroundHalf } from "./drawings.js";
import { percent, t } from "./texts.js";

// Shows it in the elements `id`, `id-drawing`, `id-range` and `id-told`.
export function showLooks(id, { looks: count, shadow_right: right, share }) {
  at(id).textContent = count ? t("looks.counted", { count, right, other: count - right }) : t("looks.none");
  at(`${id}-drawing`).hidden = !share;
  if (!share) return;
  at(`${id}-range`).replaceChildren(rangeAroundHalf(share));
  at(`${id}-told`).textContent = t("looks.share", {
    share: percent(share.value),
    low: percent(share.low),
    high: percent(share.high),
  });
}
