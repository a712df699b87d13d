// A service worker that keeps every answer that it may keep, as those of applications do.
addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || request.cache === 'no-store' || request.mode === 'navigate') return;
  event.respondWith((async () => {
    const cache = await caches.open('kept');
    const kept = await cache.match(request);
    if (kept) return kept;
    const response = await fetch(request);
    await cache.put(request, response.clone());
    return response;
  })());
});
