// The rules of a site: listed, written, tried on past comments, switched, imported.

import { onAnchor } from "../shared/anchor.js";
import { at } from "../shared/dom.js";
import { setUpEditor } from "./editor.js";
import { setUpImporter } from "./importer.js";
import { setUpList } from "./list.js";

async function reload() {
  const rules = await list.load();
  if (rules) importer.offerTargets(rules);
}

const importer = setUpImporter({ reload, onOpen: () => editor.close() });
const editor = setUpEditor({ reload, onOpen: () => importer.close() });
const list = setUpList({ reload, edit: editor.edit });

at("site").addEventListener("change", reload);
await reload();
onAnchor(["new"], () => at("new").click());
