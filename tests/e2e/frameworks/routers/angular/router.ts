// router.ts
import { Location } from '@angular/common';
import { inject } from '@angular/core';
import { provideRouter, type CanActivateFn, type Routes } from '@angular/router';
import { requireSignIn } from 'scopewise/angular';
import { allow } from './allow.js';
import type { AppScope } from './options.js';
import { Edit, Home, Notes } from './pages.js';

const needs = (scope: AppScope): CanActivateFn => async (_, { url }) => {
  await allow(inject(Location).prepareExternalUrl(url), scope);
  return true;
};

const routes: Routes = [
  { path: '', pathMatch: 'full', component: Home },
  { path: 'callback', component: Home }, // seen where an answer is a failure
  { path: 'notes', canActivate: [requireSignIn], component: Notes },
  { path: 'notes/edit', canActivate: [needs('write:notes')], component: Edit },
];

export const router = provideRouter(routes);
