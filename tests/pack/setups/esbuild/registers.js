navigator.serviceWorker.onmessage = ({ data }) => {
  document.documentElement.dataset.shown = data;
};
await navigator.serviceWorker.register('./service-worker.js');
const { active } = await navigator.serviceWorker.ready;
active.postMessage('');
