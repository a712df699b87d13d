import { provideHttpClient, withFetch, withInterceptors } from '@angular/common/http';
import { provideZonelessChangeDetection, type ApplicationConfig } from '@angular/core';
import { provideClientHydration } from '@angular/platform-browser';
import { provideRouter, withComponentInputBinding } from '@angular/router';
import { provideScopewise } from 'scopewise/angular';
import { apiInterceptor } from 'scopewise/angular/http';
import { routes } from './app.routes';
import { client } from './auth';

export const config: ApplicationConfig = {
  providers: [
    provideZonelessChangeDetection(),
    provideClientHydration(),
    // A client that is there already: what a server says must come first all the same.
    provideScopewise(await client),
    provideRouter(routes, withComponentInputBinding()),
    provideHttpClient(withFetch(), withInterceptors([apiInterceptor(['/api/'])])),
  ],
};
