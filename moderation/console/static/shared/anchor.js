// What the address asks a page to open, `#new`: once, so that a reload opens nothing.

// Calls `open(name)` with the name after # if that is one of the names, now and later.
export function onAnchor(names, open) {
  function openAsked() {
    const name = location.hash.slice(1);
    if (!names.includes(name)) return;
    history.replaceState(history.state, "", location.pathname + location.search);
    open(name);
  }
  openAsked();
  addEventListener("hashchange", openAsked);
}
