// src/routes/+layout.ts
import { browser } from '$app/environment';
import { client } from '$lib/auth.js';
import { redirect } from '@sveltejs/kit';
import { afterCallback } from 'scopewise/svelte';

export async function load() {
  if (!browser) return;
  const { href } = location;
  await afterCallback(client);
  // SvelteKit knows the address from before, and would put it back, also that of a sign-out with its `state`.
  if (location.href !== href) redirect(307, location.href);
}
