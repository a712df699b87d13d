// What the Angular page shows. Its templates are compiled in the page: the adapter itself has none.
import '@angular/compiler';
import { HttpClient, HttpContext, provideHttpClient, withInterceptors } from '@angular/common/http';
import { Component, effect, inject, signal } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { Router, RouterOutlet, provideRouter } from '@angular/router';
import { afterCallback, injectAccessToken, injectApi, injectAuth, injectScope, injectScopeUpdate, provideScopewise, requireScope, requireSignIn } from 'scopewise/angular';
import { API_OPTIONS, apiInterceptor } from 'scopewise/angular/http';
import { catchError, firstValueFrom, lastValueFrom, of, toArray } from 'rxjs';
import { noted } from './ran.js';
import { WRITE, made, said, settings } from './settings.js';

const page = (text: string) => Component({ template: `<p data-testid="route">${text}</p>` })(class {});

const routes = [
  { path: 'members', canActivate: [requireSignIn], component: page('members') },
  { path: 'writers', canActivate: [requireScope(WRITE, '/no-writer')], component: page('writers') },
  { path: 'quiet', canActivate: [requireScope(WRITE)], component: page('quiet') },
  { path: 'no-writer', component: page('no writer') },
  { path: '**', component: page('elsewhere') },
];

class Page {
  readonly auth = injectAuth();
  readonly writing = injectScope(() => this.scope());
  readonly update = injectScopeUpdate(settings.base);
  readonly scope = signal<string | string[]>(settings.several ?? WRITE);
  readonly answer = signal('none');
  readonly called = signal('none');
  readonly api = settings.api;
  readonly token = injectAccessToken();
  readonly call = injectApi();
  readonly http = inject(HttpClient);
  readonly router = inject(Router);
  readonly said = said;

  /** Asks in an effect. */
  constructor() {
    if (!settings.asksFor) return;
    const { visible, missing, request } = injectScope(settings.asksFor);
    effect(() => {
      missing();
      noted('missing');
    });
    effect(() => {
      if (!visible()) return;
      noted('asked');
      void request();
    });
  }

  titles = () => this.writing.descriptions().map(({ title }) => title).join();
  ask = async (dialog: boolean) => this.answer.set(String(await this.writing.request({ dialog })));
  showToken = async () => this.called.set(await this.token());
  showCall = async () => this.called.set(await (await this.call(this.api!)).text());
  get = (url: string, scope?: string) => {
    const context = new HttpContext().set(API_OPTIONS, scope ? { scope } : {});
    return firstValueFrom(this.http.get(url, { context, responseType: 'text' }));
  };
  /** All that comes of a request, its failure included. */
  events = (url: string, options: object = {}) => lastValueFrom(this.http.request('GET', url, { responseType: 'text', ...options, observe: 'events' } as object).pipe(catchError((failure: unknown) => of(failure)), toArray()));
  post = (url: string, body: unknown) => firstValueFrom(this.http.post(url, body, { headers: { 'x-own': 'yes' } }));
}

const App = Component({
  selector: 'app-root',
  imports: [RouterOutlet],
  template: `
    <header>
      <p data-testid="status">{{ auth.status() }}</p>
      <p data-testid="name">{{ auth.session()?.claims?.sub ?? 'nobody' }}</p>
      <p data-testid="error">{{ said(auth.error()) }}</p>
      <button data-testid="sign-in" [disabled]="auth.pending()" (click)="auth.signIn({ mode: 'popup' })">Sign in</button>
      <button data-testid="sign-out" (click)="auth.signOut({ local: true })">Sign out</button>
    </header>
    <p data-testid="granted">{{ writing.granted() }}</p>
    <p data-testid="scope-status">{{ writing.status() }}</p>
    <p data-testid="missing">{{ writing.missing().join(' ') }}</p>
    <p data-testid="pending">{{ writing.pending() }}</p>
    <p data-testid="scope-error">{{ said(writing.error()) }}</p>
    <p data-testid="answer">{{ answer() }}</p>
    <button data-testid="ask" (click)="ask(true)">Write</button>
    <button data-testid="ask-at-once" (click)="ask(false)">Write at once</button>
    @if (writing.granted()) { <p data-testid="secret">You may write.</p> }
    @else { <p data-testid="fallback">You may not write.</p> <p data-testid="told">{{ writing.status() }}: {{ titles() }}</p> }
    @if (update.visible()) {
      <aside data-testid="banner">
        <button data-testid="update" [disabled]="update.pending()" (click)="update.update()">Update</button>
        <button data-testid="dismiss" (click)="update.dismiss()">Later</button>
      </aside>
    }
    <button data-testid="call" (click)="showCall()">Call</button>
    <button data-testid="token" (click)="showToken()">Token</button>
    <p data-testid="called">{{ called() }}</p>
    <router-outlet />`,
})(Page);

// The router begins where the answer leads: it does not look at the address bar again. Without a client the page says so.
const client = afterCallback(made(settings.options));
await client.catch(() => {});
const host = document.createElement('app-root');
document.querySelector('#first')!.append(host);
const application = await bootstrapApplication(App, {
  providers: [
    provideScopewise(client, settings.asking),
    provideRouter(routes),
    provideHttpClient(withInterceptors([apiInterceptor(settings.api ? [settings.api] : [])])),
  ],
});
// For the test, which goes to routes and calls APIs as components do.
Object.assign(globalThis, { app: application.components[0]!.instance });
