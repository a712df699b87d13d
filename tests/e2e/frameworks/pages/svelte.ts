import type { Client } from 'scopewise';
import { hydrate, mount } from 'svelte';
import { afterCallback } from 'scopewise/svelte';
import App from './App.svelte';
import { made, settings } from './settings.js';

const { options, other, hydrates, ...props } = settings;
const open = (options: typeof settings.options) => afterCallback(made(options));
const show = (id: string, client: Client | Promise<Client>, how = mount) => how(App, { target: document.getElementById(id)!, props: { client, ...props } });

const client = hydrates === 'ready' ? await open(options) : open(options);
show('first', client, hydrates ? hydrate : mount);
if (other) show('second', open(other));
