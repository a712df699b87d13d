import { bootstrapApplication } from '@angular/platform-browser';
import { App } from './app';
import { config } from './app.config';

await bootstrapApplication(App, config);
