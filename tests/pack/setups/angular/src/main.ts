import { Component, provideZonelessChangeDetection, type OnInit } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { createClient, type Client } from 'scopewise';

@Component({ selector: 'app-root', template: '<p>{{ state }}</p>' })
class App implements OnInit {
  state = 'signed out';

  async ngOnInit(): Promise<void> {
    const metadata = { issuer: 'https://id.example', authorization_endpoint: 'https://id.example/authorize', token_endpoint: 'https://id.example/token' };
    const client: Client<'openid' | 'profile'> = await createClient({ clientId: 'app', metadata, redirectUri: 'http://127.0.0.1/callback', scope: ['openid', 'profile'] });
    if (client.session.signedIn) this.state = 'signed in';
    document.documentElement.dataset['shown'] = client.authorizeUrl().url;
  }
}

await bootstrapApplication(App, { providers: [provideZonelessChangeDetection()] });
