/* The page of health: what it shows is never older than a few seconds, or it says so. */

import { keepFresh } from "./renew.js";

keepFresh("health", "health-stale", 3000);
