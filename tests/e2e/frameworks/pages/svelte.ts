import { hydrate, mount } from 'svelte';
import { afterCallback } from 'scopewise/svelte';
import App from './App.svelte';
import { made, settings } from './settings.js';

const { options, other, hydrates, ...props } = settings;
const show = (id: string, options: typeof settings.options, how = mount) => how(App, { target: document.getElementById(id)!, props: { client: afterCallback(made(options)), ...props } });

show('first', options, hydrates ? hydrate : mount);
if (other) show('second', other);
