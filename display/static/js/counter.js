// The counter's own page: one desk, for as long as the page is open.

import { Desk } from "./counter-desk.js";
import { deviceName } from "./device.js";

const { site, counter, label } = document.body.dataset;
new Desk(site, deviceName()).enter(counter, label);
