import { Component, afterNextRender } from '@angular/core';
import { RouterOutlet } from '@angular/router';
import { injectAuth, injectScope } from 'scopewise/angular';

@Component({
  selector: 'app-root',
  imports: [RouterOutlet],
  template: `
    <p id="status">{{ auth.status() }}</p>
    @switch (auth.status()) {
      @case ('loading') { <p>One moment …</p> }
      @case ('signed-in') { <p id="name">{{ auth.session()?.claims?.['name'] }}</p> }
      @default { <button (click)="auth.signIn()">Sign in</button> }
    }
    @if (profile.granted()) { <p id="profile">With your profile.</p> } @else { <p>Not without your profile.</p> }
    <router-outlet />`,
})
export class App {
  readonly auth = injectAuth();
  readonly profile = injectScope('profile');

  constructor() {
    // What the test looks at: what was there first.
    afterNextRender(() => (document.documentElement.dataset['first'] = document.querySelector('#status')!.textContent));
  }
}
