/* The service worker of tickets on phones; its scope is /t/ alone. The network always comes first: what is kept is shown
   only when there is none, and it says so. Nothing that a live page runs is ever taken from here. */

const NAME = "antrean-phone-" + "VERSION";
const OFFLINE = "/t/offline";
const KEPT = "KEPT";
const GATEWAY = [502, 503, 504]; // a server behind a proxy that is away

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(NAME)
      .then((kept) => kept.addAll([OFFLINE, ...KEPT].map((path) => new Request(path, { cache: "reload" }))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(isOld).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

function isOld(name) {
  return name.startsWith("antrean-phone-") && name !== NAME;
}

self.addEventListener("fetch", (event) => {
  const path = new URL(event.request.url).pathname;
  if (event.request.mode === "navigate") {
    event.respondWith(page(event));
  } else if (event.request.method === "GET" && KEPT.includes(path)) {
    event.respondWith(fetch(event.request).catch(() => kept(path)));
  }
});

async function page(event) {
  try {
    const answer = await fetch(event.request);
    if (GATEWAY.includes(answer.status)) return await kept(OFFLINE);
    event.waitUntil(renew());
    return answer;
  } catch (error) {
    return kept(OFFLINE);
  }
}

/** The offline page in the language and theme that were chosen since. */
async function renew() {
  const answer = await fetch(OFFLINE, { cache: "no-store" }).catch(() => null);
  if (answer && answer.ok) await (await caches.open(NAME)).put(OFFLINE, answer);
}

async function kept(path) {
  return (await (await caches.open(NAME)).match(path)) || Response.error();
}
