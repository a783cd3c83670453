// What happens to comments with personal data, and which countries' phone numbers count.

import { at } from "../shared/dom.js";
import { edit, state } from "./draft.js";

const MAX_REGIONS = 3;

export function showPersonalData() {
  const { action, phone_regions: regions } = state.draft.personal_data;
  at("personal-data").value = action;
  at("phone-regions").value = regions.join(" ");
}

const change = (fields) => edit("personal_data", { ...state.draft.personal_data, ...fields });

at("personal-data").addEventListener("change", ({ target }) => change({ action: target.value }));
at("phone-regions").addEventListener("change", ({ target }) => {
  const regions = target.value.toUpperCase().match(/[A-Z]{2}/g) ?? [];
  change({ phone_regions: [...new Set(regions)].slice(0, MAX_REGIONS) });
  showPersonalData();
});
