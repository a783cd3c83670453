// When something was: relative up to seven days, then a date; the moment is in the title.

import { el } from "./dom.js";
import { ago, moment } from "./texts.js";

// Makes an element of a moment. With `isClock`, its own text is given.
export const when = (value, text = ago(value)) =>
  el("time", { datetime: new Date(value).toISOString(), title: moment(value) }, text);
