// Tables that stand as cards on a phone: their cells name their columns, and their parts
// say what they are, as a browser forgets it of what isn't laid out as a table.

const ROLES = {
  table: "table",
  thead: "rowgroup",
  tbody: "rowgroup",
  tr: "row",
  td: "cell",
  "th[scope=col]": "columnheader",
  "th[scope^=row]": "rowheader",
};

export function giveRoles(table) {
  table.role = ROLES.table;
  for (const [selector, role] of Object.entries(ROLES)) {
    for (const part of table.querySelectorAll(selector)) part.role = role;
  }
}
