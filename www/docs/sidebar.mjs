// What stands at the side of the documentation's pages.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The pages of each group, in order. Those that are not there are left out, and those that are in no group come last. */
const GROUPS = {
  Start: ['index', 'start'],
  Scopes: ['scopes', 'growing-scopes', 'explaining-scopes', 'popups', 'session'],
  'Tokens and APIs': ['calling-apis', 'staying-signed-in', 'storage', 'security-options'],
  Servers: ['providers/index', 'providers/auth0', 'providers/cognito', 'providers/entra', 'providers/github', 'providers/google', 'providers/keycloak', 'providers/okta', 'several-servers'],
  'Building and serving': ['hosting', 'bundlers', 'typescript', 'testing', 'engines', 'rust'],
  'When it does not work': ['errors', 'diagnose'],
  'Other libraries': ['compare', 'migrating/auth0-spa-js', 'migrating/oidc-client-ts', 'migrating/msal-browser'],
  Project: ['how-it-works', 'best-practices', 'SECURITY', 'CHANGELOG', 'CONTRIBUTING'],
};

/** The folder whose pages are a group of their own. */
const FRAMEWORKS = 'frameworks';

export function sidebar(folder) {
  const entry = (page) => {
    const heading = /^# (.+)$/m.exec(readFileSync(join(folder, `${page}.md`), 'utf8'));
    return { text: heading?.[1].replaceAll('`', '') ?? page, link: `/${page.replace(/(^|\/)index$/, '$1')}` };
  };
  const isThere = (page) => existsSync(join(folder, `${page}.md`));
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.md') && !path.startsWith('api/'))
    .map((path) => path.slice(0, -'.md'.length));
  const named = Object.values(GROUPS).flat();
  const frameworks = all.filter((page) => page.startsWith(`${FRAMEWORKS}/`)).sort();
  const others = all.filter((page) => !named.includes(page) && !frameworks.includes(page)).sort();
  const groups = [...Object.entries(GROUPS), ['Frameworks', frameworks], ['More', others]];
  const filled = groups.map(([text, pages]) => ({ text, items: pages.filter(isThere).map(entry) })).filter(({ items }) => items.length > 0);
  return [...filled, { text: 'API reference', link: '/api/' }];
}
