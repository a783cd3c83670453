// Walks through a list by J and K: the focus goes from one of its elements to the next.

// Moves the focus by `step` among the elements that `selector` finds in `place`.
export function walk(place, selector, step) {
  const stops = [...place.querySelectorAll(selector)];
  const here = stops.findIndex((stop) => stop.closest("li").contains(document.activeElement));
  const next = stops[Math.min(stops.length - 1, Math.max(0, here < 0 ? 0 : here + step))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}
