import { Component, inject } from '@angular/core';
import { Router, RouterLink, RouterOutlet } from '@angular/router';
import { injectAuth, injectScope } from 'scopewise/angular';

// The templates are compiled in the page: nothing is built here but by esbuild, which knows no decorators that do so.
export const Home = Component({ template: '<h1>Home</h1>' })(class {});
export const Notes = Component({ template: '<h1>Notes</h1>' })(class {});

class EditPage {
  readonly writing = injectScope('write:notes');
}

export const Edit = Component({
  template: `
    <h1>Edit</h1>
    @if (writing.granted()) { <textarea aria-label="Note"></textarea> }
    @else { <p>Missing: <span data-testid="missing">{{ writing.missing().join(' ') }}</span> <button (click)="writing.request({ mode: 'redirect', dialog: false })">Allow</button></p> }`,
})(EditPage);

class AppPage {
  readonly auth = injectAuth();
  readonly router = inject(Router);
  readonly base = import.meta.env.BASE_URL;
  readonly said = (error: unknown): string => (error ? ((error as { code?: string }).code ?? String(error)) : 'none');
}

export const App = Component({
  selector: 'app-root',
  imports: [RouterLink, RouterOutlet],
  template: `
    <p>
      <span data-testid="status">{{ auth.status() }}</span> <span data-testid="granted">{{ auth.session()?.granted?.join(' ') }}</span> <span data-testid="error">{{ said(auth.error()) }}</span>
      <button (click)="auth.signOut({ returnTo: base })">Sign out</button>
    </p>
    <nav><a routerLink="/">To home</a> <a routerLink="/notes">To notes</a> <a routerLink="/notes/edit">To edit</a></nav>
    <p data-testid="where">{{ router.url }}</p>
    <router-outlet />`,
})(AppPage);
