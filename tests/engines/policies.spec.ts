// Pages with the strictest policy that an application can have.
import { createHash } from 'node:crypto';
import { App } from './app.js';
import { expect, listen, test } from './fixtures.js';

const STORAGES = ['session', 'local', 'indexeddb', 'worker'] as const;

/** A site in front of another one: its pages have a strict policy, and violations are reported. */
async function policed(site: string, issuer: string) {
  const violations: string[] = [];
  const listening = await listen(async (request, response) => {
    if (request.url === '/violations') {
      let body = '';
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
      const { 'violated-directive': directive, 'blocked-uri': uri } = JSON.parse(body)['csp-report'];
      violations.push(`${directive} ${uri}`);
      return void response.writeHead(204).end();
    }
    const answer = await fetch(`${site}${request.url}`);
    const body = Buffer.from(await answer.arrayBuffer());
    response.setHeader('content-type', answer.headers.get('content-type')!);
    const map = /importmap">(.*?)<\/script>/.exec(body.toString())?.[1];
    if (map) response.setHeader('content-security-policy', policyOf(map, issuer));
    response.end(body);
  });
  return { ...listening, violations };
}

function policyOf(map: string, issuer: string): string {
  const hash = createHash('sha256').update(map).digest('base64');
  return `default-src 'none'; img-src data:; script-src 'self' 'wasm-unsafe-eval' 'sha256-${hash}'; connect-src 'self' ${issuer}; frame-src 'self' ${issuer};
    frame-ancestors 'self'; require-trusted-types-for 'script'; trusted-types scopewise; report-uri /violations`.replace(/\s+/g, ' ');
}

for (const storage of STORAGES) {
  test(`a strict policy with Trusted Types stops nothing: storage ${storage}`, async ({ tab: page, server, bareSite, engine }, info) => {
    server.refreshes = true;
    const site = await policed(bareSite, server.issuer);
    const app = new App(page, site.origin, { clientId: 'app', metadata: server.metadata, redirectUri: '/cb', scope: 'openid read:x offline_access', storage });
    try {
      await app.load();
      const enforces = await page.evaluate(() => 'trustedTypes' in window);
      info.annotations.push({ type: `${engine}: Trusted Types`, description: enforces ? 'enforced' : 'unknown' });
      await app.leave('signIn');
      expect((await app.comeBack()).value).toMatchObject({ outcome: 'granted' });
      expect((await app.call('getAccessToken', { forceRefresh: true })).value).toBe('access-2');
      // The worker is started in the way that bundlers understand first, which Trusted Types refuse.
      const others = site.violations.filter((violation) => storage !== 'worker' || !/^require-trusted-types-for/.test(violation));
      expect(others).toEqual([]);
    } finally {
      await site.close();
    }
  });
}
