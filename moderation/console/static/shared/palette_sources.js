// What the palette asks the service for: authors by name, comments by text or id. Each
// source is there where the navigation leads to its page, which has a page per thing:
// /console/authors/ID and /console/comments/ID.

import { call } from "./api.js";
import { collapsed } from "./long_text.js";
import { addSource } from "./palette.js";
import { t } from "./texts.js";

const LIMIT = 5;
const MAX_TEXT = 80; // characters of a comment
const COMMENT_ID = /^[0-9a-z]{13}$/;

const pageOf = (key) => document.querySelector(`.nav [data-go="${key}"]`)?.href ?? null;

function searchIn(path, parameters) {
  const { site } = document.querySelector("main").dataset;
  return call("GET", `${path}?${new URLSearchParams({ ...parameters, ...(site ? { site } : {}), limit: LIMIT })}`);
}

async function findAuthors(name) {
  const { authors } = await searchIn("/authors", { name });
  return authors.map(({ id, name: text, pending, approved, rejected }) => ({
    text,
    detail: t("palette.record", { pending, approved, rejected }),
    href: `${pageOf("a")}/${id}`,
  }));
}

async function findComments(text) {
  const { comments } = await searchIn("/comments", { text });
  const options = comments.map(({ id, author_name: name, body }) => ({
    text: `${name}: ${collapsed(body).slice(0, MAX_TEXT)}`,
    detail: "",
    href: `${pageOf("c")}/${id}`,
  }));
  if (!COMMENT_ID.test(text)) return options;
  return [{ text: t("palette.comment", { id: text }), detail: "", href: `${pageOf("c")}/${text}` }, ...options];
}

if (pageOf("a")) addSource(t("palette.authors"), findAuthors);
if (pageOf("c")) addSource(t("palette.comments"), findComments);
