// What every page in the shell does: live counts, keys, palette, dialogs, toasts.

import "./badges.js";
import "./brake_banner.js";
import "./dialogs.js";
import "./header_menu.js";
import "./palette_sources.js";
import "./shortcuts.js";
