// Making and filling elements. Everything from outside is set as text, never as HTML.

export const at = (id) => document.getElementById(id);

// Makes an element: `el("p.small", { dir: "auto" }, "text", node, …)`.
export function el(kind, attributes = {}, ...children) {
  const [tag, ...classes] = kind.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

// Returns strings and nodes with a separator between them; an item may be a list of both.
export const separated = (items, separator = " · ") =>
  items.flatMap((item, index) => (index ? [separator, item] : [item])).flat();

const SVG = "http://www.w3.org/2000/svg";

// Makes an icon, which the page has named with `use_icons` or shows itself.
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("class", at(`i-${name}`)?.hasAttribute("data-turns") ? "i turns" : "i");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

// Puts a text into an element, and hides the element where there is none.
export function put(id, text) {
  at(id).textContent = text;
  at(id).hidden = !text;
}

// Copies the one element of a template, and fills in texts, or elements, by class.
export function copyOf(templateId, texts = {}) {
  const item = at(templateId).content.firstElementChild.cloneNode(true);
  for (const [name, text] of Object.entries(texts)) {
    item.querySelector(`.${name}`).replaceChildren(text);
  }
  return item;
}

// Lets a link lead to the article of a comment, where it is an address.
export function linkToArticle(link, entry) {
  link.textContent = entry.article_title ?? entry.article;
  if (/^https?:\/\//.test(entry.article)) link.href = entry.article;
  else link.removeAttribute("href");
}
