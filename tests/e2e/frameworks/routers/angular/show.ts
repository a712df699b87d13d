import '@angular/compiler';
import { bootstrapApplication } from '@angular/platform-browser';
import type { EnvironmentProviders } from '@angular/core';
import { provideScopewise } from 'scopewise/angular';
import { client } from './auth.js';
import { App } from './pages.js';

export async function show(router: EnvironmentProviders): Promise<void> {
  document.getElementById('root')!.append(document.createElement('app-root'));
  await bootstrapApplication(App, { providers: [provideScopewise(client), router] });
}
