// Where rules matched a text: its pieces are cut there, so that both can be marked.

// The places of all reasons in one list, in code points.
const placesOf = (reasons) => reasons.flatMap(({ spans }) => spans ?? []);

// Cuts pieces `{text, share}` at the places; `isMatched` tells what lies within one.
export function cut(pieces, reasons) {
  const places = placesOf(reasons);
  if (!places.length) return pieces.map((piece) => ({ ...piece, isMatched: false }));
  const borders = new Set(places.flat());
  const within = (at) => places.some(([from, to]) => from <= at && at < to);
  const found = [];
  let at = 0;
  for (const { text, share } of pieces) {
    let part = "";
    let start = at;
    for (const letter of text) {
      if (part && borders.has(at)) {
        found.push({ text: part, share, isMatched: within(start) });
        [part, start] = ["", at];
      }
      part += letter;
      at += 1;
    }
    if (part) found.push({ text: part, share, isMatched: within(start) });
  }
  return found;
}
