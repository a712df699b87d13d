import { Component, effect, provideZonelessChangeDetection, signal } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { createClient } from 'scopewise';
import { afterCallback, injectApi, injectAuth, injectScope, injectScopeUpdate, provideScopewise } from 'scopewise/angular';
import { api, issuer, resource, scopes, walk, when, type Entry } from '../diary/diary.mjs';

const client = afterCallback(createClient<string>({
  issuer, resource, scopes,
  clientId: 'angular-app',
  redirectUri: '/angular/',
  scope: 'openid profile read:appointments',
  apis: { [api]: { resource } },
  rememberScopes: true,
}));

@Component({
  selector: '#app',
  template: `
    @if (auth.status() !== 'loading') {
      <div class="appbar">
        <p class="logo">Diary</p>
        @if (isSignedIn()) {
          <div class="account"><span>{{ auth.session()?.claims?.name }}</span> <button class="plain" (click)="auth.signOut({ returnTo: '/angular/' })">Sign out</button></div>
        }
      </div>
      @if (auth.error(); as error) { <p class="notice error" role="alert">{{ $any(error).message }}</p> }
      @if (isSignedIn()) {
        @if (news.visible()) {
          <aside class="news">
            <p><strong>New: reminders.</strong> {{ news.descriptions()[0].title }}, {{ news.descriptions()[0].why }}.</p>
            <button [disabled]="news.pending()" (click)="news.update()">Allow</button>
            <button class="plain" (click)="news.dismiss()">Not now</button>
          </aside>
        }
        <div class="head"><h1>Coming up</h1><button class="primary" [disabled]="writing.pending()" (click)="add()">Add a walk tomorrow</button></div>
        @if (writing.status() === 'denied') { <p class="soft" role="status">Nothing was added: this may only read.</p> }
        <ul class="entries">@for (entry of entries(); track entry.id) {<li><time>{{ when(entry) }}</time>{{ entry.title }}</li>}</ul>
      } @else {
        <h1>Your days, at a glance</h1>
        <p><button class="primary" (click)="auth.signIn()">Sign in with Harbor ID</button></p>
      }
    }`,
})
class Diary {
  readonly auth = injectAuth();
  readonly news = injectScopeUpdate(['openid', 'profile', 'read:appointments', 'email'], { notNow: 'session' });
  readonly writing = injectScope('write:appointments');
  readonly fetch = injectApi();
  readonly entries = signal<Entry[]>([]);
  readonly when = when;
  readonly isSignedIn = () => this.auth.status() === 'signed-in';
  readonly loading = effect(() => void (this.isSignedIn() && this.load()));

  async load() {
    const response = await this.fetch(`${api}/appointments`);
    this.entries.set((await response.json()).appointments);
  }

  async add() {
    if (!this.writing.granted() && !(await this.writing.request())) return;
    await this.fetch(`${api}/appointments`, { method: 'POST', body: walk(), headers: { 'content-type': 'application/json' } });
    await this.load();
  }
}

bootstrapApplication(Diary, { providers: [provideZonelessChangeDetection(), provideScopewise(client)] });
