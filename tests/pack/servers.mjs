// That an adapter keeps nothing of a request on a server, where one client serves all of them: node --no-warnings pack/servers.mjs
import assert from 'node:assert/strict';
import { queryObjects } from 'node:v8';
import { createSSRApp, h, shallowRef } from 'vue';
import { renderToString } from 'vue/server-renderer';
import { createClient } from '../../pkg/index.js';
import { scopewise, useAuth } from '../../pkg/vue.js';

const REQUESTS = 200;
const client = await createClient({ clientId: 'app', issuer: 'https://id.example' });
const page = {
  setup() {
    const { status } = useAuth();
    return () => h('p', status.value);
  },
};

/** The objects that Vue makes one of for each application's state. */
const count = () => queryObjects(shallowRef().constructor);

async function answerRequests() {
  for (let request = 0; request < REQUESTS; request += 1) {
    const html = await renderToString(createSSRApp(page).use(scopewise, client));
    assert.equal(html, '<p>loading</p>');
  }
}

await answerRequests();
const before = count();
await answerRequests();
const kept = count() - before;
assert.ok(kept < REQUESTS / 10, `${kept} of ${REQUESTS} requests are kept`);
console.log(`nothing of ${REQUESTS} requests is kept on a server`);
