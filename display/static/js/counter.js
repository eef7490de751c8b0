// The counter's own page: one desk, for as long as the page is open.

import { Desk } from "./counter-desk.js";

const { site, counter, label } = document.body.dataset;
new Desk(site).enter(counter, label);
