// System status: kept up to date.

import { keepLive } from "../shared/live.js";

keepLive();
