// The clauses that restrictions rest on: their numbers and texts by language, in versions.

import { attempt } from "../shared/actions.js";
import { call } from "../shared/api.js";
import { at, el } from "../shared/dom.js";
import { path } from "../shared/site.js";
import { t } from "../shared/texts.js";
import { say } from "../shared/toast.js";

let stored = null; // as the service has it

// A text of one language; what is left empty is left out.
function textField(id, language, text, name) {
  const area = el("textarea", { id, rows: 2, dir: "auto", lang: language, "data-language": language });
  area.value = text;
  return el("div.field", {}, el("label", { for: id }, name), area);
}

const languagesOf = () => {
  const found = new Set(Object.keys(stored.redress));
  for (const { texts } of Object.values(stored.clauses)) for (const language of Object.keys(texts)) found.add(language);
  return [...found].sort();
};

const languageName = (code) => new Intl.DisplayNames([document.documentElement.lang], { type: "language" }).of(code) ?? code;

// Where the report counts rejections for a reason; a law, each rejection names itself.
function categoryField(id, { category, keyword }) {
  const select = at("clause-category").content.querySelector("select").cloneNode(true);
  select.id = `${id}-category`;
  select.value = category ? `${category} ${keyword ?? "OTHER"}` : "";
  return el("div.field", {}, el("label", { for: select.id }, t("law.clauses.category")), select);
}

function clauseItem([code, clause]) {
  const { texts, number } = clause;
  const id = `clause-${code}`;
  const numberField = el("input", { id: `${id}-number`, maxlength: 31, dir: "ltr", autocomplete: "off" });
  numberField.value = number ?? "";
  return el(
    "details.clause",
    { "data-code": code },
    el("summary", {}, t(`law.clause.${code}`)),
    el("div.field.narrow-field", {}, el("label", { for: `${id}-number` }, t("law.clauses.number")), numberField),
    code === "illegal" ? null : categoryField(id, clause),
    ...languagesOf().map((language) => textField(`${id}-${language}`, language, texts[language] ?? "", languageName(language))),
  );
}

function show(terms) {
  stored = terms;
  at("clauses").replaceChildren(...Object.entries(terms.clauses).map(clauseItem));
  const redress = languagesOf().map((language) =>
    textField(`redress-${language}`, language, terms.redress[language] ?? "", languageName(language)),
  );
  at("redress").replaceChildren(...redress);
  at("terms-url").value = terms.url ?? "";
  const { lang } = document.documentElement;
  at("automation").textContent = terms.automation[lang] ?? terms.automation.en ?? "";
  at("terms-version").textContent = terms.version === null ? t("law.clauses.defaults") : t("law.clauses.version", { number: terms.version });
}

function written(part) {
  const filled = [...part.querySelectorAll("textarea")].filter((area) => area.value.trim());
  return Object.fromEntries(filled.map((area) => [area.dataset.language, area.value.trim()]));
}

function writtenClauses() {
  const items = [...at("clauses").querySelectorAll("details")];
  return Object.fromEntries(
    items.map((item) => {
      const { code } = item.dataset;
      const [category, keyword] = (item.querySelector("select")?.value ?? "").split(" ").map((name) => name || null);
      return [code, { texts: written(item), number: at(`clause-${code}-number`).value.trim() || null, category, keyword: keyword ?? null }];
    }),
  );
}

async function save() {
  const body = {
    seen_version: stored.version,
    clauses: writtenClauses(),
    redress: written(at("redress")),
    url: at("terms-url").value.trim() || null,
  };
  show(await call("PUT", path("/terms"), body));
  say(t("law.clauses.saved"));
}

export async function loadClauses() {
  show(await call("GET", path("/terms")));
}

at("terms").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(save);
});
