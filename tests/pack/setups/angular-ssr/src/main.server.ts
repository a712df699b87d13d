import { mergeApplicationConfig } from '@angular/core';
import { bootstrapApplication, type BootstrapContext } from '@angular/platform-browser';
import { RenderMode, provideServerRendering, withRoutes, type ServerRoute } from '@angular/ssr';
import { App } from './app';
import { config } from './app.config';

const routes: ServerRoute[] = [
  { path: '', renderMode: RenderMode.Prerender },
  { path: '**', renderMode: RenderMode.Server },
];

const serverConfig = mergeApplicationConfig(config, { providers: [provideServerRendering(withRoutes(routes))] });

export default (context: BootstrapContext) => bootstrapApplication(App, serverConfig, context);
