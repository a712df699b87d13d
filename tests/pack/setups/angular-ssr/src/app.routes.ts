import type { Routes } from '@angular/router';
import { requireScope, requireSignIn } from 'scopewise/angular';
import { Made, Visit } from './pages';

export const routes: Routes = [
  { path: '', component: Made },
  { path: 'visits/:id', component: Visit },
  { path: 'members/:id', canActivate: [requireSignIn, requireScope('profile', '/')], component: Visit },
];
