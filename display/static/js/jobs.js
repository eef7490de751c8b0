/* The workers' page. */

import { keepFresh } from "./renew.js";

keepFresh("jobs", "jobs-stale", 5000);
