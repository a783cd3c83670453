// Where rules matched a text: its pieces are cut there, so that both can be marked.

// Cuts pieces `{text, share}` at the spans of the reasons, which count code points;
// `isMatched` tells what lies within one.
export function cutAtMatches(pieces, reasons) {
  const spans = reasons.flatMap((reason) => reason.spans ?? []);
  if (!spans.length) return pieces.map((piece) => ({ ...piece, isMatched: false }));
  const borders = new Set(spans.flat());
  const isWithin = (index) => spans.some(([start, end]) => start <= index && index < end);
  const cuts = [];
  let index = 0;
  for (const { text, share } of pieces) {
    let part = "";
    let start = index;
    for (const letter of text) {
      if (part && borders.has(index)) {
        cuts.push({ text: part, share, isMatched: isWithin(start) });
        [part, start] = ["", index];
      }
      part += letter;
      index += 1;
    }
    if (part) cuts.push({ text: part, share, isMatched: isWithin(start) });
  }
  return cuts;
}
