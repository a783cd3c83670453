// Making and filling elements. Everything from outside is set as text, never as HTML.

export const at = (id) => document.getElementById(id);

// Makes an element: `el("p.small", { dir: "auto" }, "text", node, …)`.
export function el(kind, attributes = {}, ...children) {
  const [tag, ...classes] = kind.split(".");
  const made = document.createElement(tag);
  if (classes.length) made.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
}

// Puts a text into an element, and hides the element where there is none.
export function put(id, text) {
  at(id).textContent = text;
  at(id).hidden = !text;
}
