// What a server renders: with a client as it is there.
import { render as renderSvelte } from 'svelte/server';
import { createClient } from 'scopewise';
import App from './App.svelte';

export const render = async (props: object): Promise<string> =>
  renderSvelte(App, { props: { client: await createClient({ clientId: 'app', issuer: 'https://id.example' }), ...props } }).body;
