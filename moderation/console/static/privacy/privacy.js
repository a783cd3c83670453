// A person's data at a site, erasure requests, retention, and legal holds.

import { openPage } from "../shared/actions.js";
import { loadClocks } from "./clocks.js";
import { loadErasures } from "./erasures.js";
import { loadHolds } from "./holds.js";
import { findGiven } from "./person.js";

openPage(async () => {
  await Promise.all([loadErasures(), loadClocks(), loadHolds()]);
  await findGiven();
});
