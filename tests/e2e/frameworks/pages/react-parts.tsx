// What the React page shows. It is also rendered on a server.
import { Profiler, Suspense, lazy, useEffect, useState } from 'react';
import { RequireScope, ScopeDialog, ScopewiseProvider, useAccessToken, useApi, useAuth, useScope, useScopeUpdate, type AskingOptions } from 'scopewise/react';
import type { Client } from 'scopewise';
import { noted } from './ran.js';

const Late = lazy(async () => {
  await new Promise((done) => setTimeout(done, 50));
  return { default: () => <p data-testid="late">{useScope('write:x').granted ? 'may write' : 'may not write'}</p> };
});

const said = (error: unknown) => (error ? ((error as { code?: string }).code ?? String(error)) : 'none');

function User() {
  const { status, session, error, pending, signIn, signOut } = useAuth();
  return (
    <header>
      <p data-testid="status">{status}</p>
      <p data-testid="name">{session?.claims?.sub ?? 'nobody'}</p>
      <p data-testid="error">{said(error)}</p>
      <button data-testid="sign-in" disabled={pending} onClick={() => signIn({ mode: 'popup' })}>Sign in</button>
      <button data-testid="sign-in-here" disabled={pending} onClick={() => signIn()}>Sign in on this page</button>
      <button data-testid="sign-out" onClick={() => signOut({ local: true })}>Sign out</button>
    </header>
  );
}

function Writing({ scope = 'write:x' }: { scope?: string | string[] }) {
  const { granted, status, missing, pending, error, request } = useScope(scope);
  const [answer, setAnswer] = useState('none');
  return (
    <section>
      <p data-testid="granted">{String(granted)}</p>
      <p data-testid="scope-status">{status}</p>
      <p data-testid="missing">{missing.join(' ')}</p>
      <p data-testid="pending">{String(pending)}</p>
      <p data-testid="scope-error">{said(error)}</p>
      <p data-testid="answer">{answer}</p>
      <button data-testid="ask" onClick={async () => setAnswer(String(await request()))}>Write</button>
      <button data-testid="ask-at-once" onClick={async () => setAnswer(String(await request({ dialog: false })))}>Write at once</button>
      <RequireScope scope="write:x" fallback={<p data-testid="fallback">You may not write.</p>}><p data-testid="secret">You may write.</p></RequireScope>
      <RequireScope scope="write:x" fallback={({ status, descriptions }) => <p data-testid="told">{status}: {descriptions.map(({ title }) => title).join()}</p>} />
    </section>
  );
}

function Banner({ base }: { base: string[] }) {
  const { visible, descriptions, pending, update, dismiss } = useScopeUpdate(base);
  if (!visible) return null;
  return (
    <aside data-testid="banner">
      {descriptions.map(({ scope, title }) => <p key={scope}>{title}</p>)}
      <button data-testid="update" disabled={pending} onClick={() => update()}>Update</button>
      <button data-testid="dismiss" onClick={dismiss}>Later</button>
    </aside>
  );
}

function Call({ url }: { url: string | undefined }) {
  const call = useApi();
  const token = useAccessToken();
  const [answer, setAnswer] = useState('none');
  if (!url) return null;
  return (
    <section>
      <button data-testid="call" onClick={async () => setAnswer(await (await call(url)).text())}>Call</button>
      <button data-testid="token" onClick={async () => setAnswer(await token())}>Token</button>
      <p data-testid="called">{answer}</p>
    </section>
  );
}

export interface AppProps {
  client: Client | Promise<Client>;
  asking?: AskingOptions;
  base: string[];
  api?: string;
  dialogFor?: string;
  asksFor?: string;
  several?: string[];
}

/** The dialog, and what makes it ask for another scope. */
function Unasked({ first }: { first: string }) {
  const [scope, setScope] = useState(first);
  return <><ScopeDialog scope={[scope]} /><button data-testid="other-scope" onClick={() => setScope('pay:x')}>Another scope</button></>;
}

/** Asks in an effect, as the rules of hooks have it written. */
function Effects({ scope }: { scope: string }) {
  const { visible, missing, request } = useScope(scope, { notNow: 'page' });
  useEffect(() => noted('missing'), [missing]);
  useEffect(() => {
    if (!visible) return;
    noted('asked');
    void request();
  }, [visible, request]);
  return null;
}

const callRendered = () => noted('call');

export function App({ client, asking, base, api, dialogFor, asksFor, several }: AppProps) {
  return (
    <ScopewiseProvider client={client} {...(asking && { asking })}>
      <User />
      <Writing {...(several && { scope: several })} />
      <Banner base={base} />
      <Profiler id="call" onRender={callRendered}><Call url={api} /></Profiler>
      <Suspense fallback={<p>Wait.</p>}><Late /></Suspense>
      {dialogFor && <Unasked first={dialogFor} />}
      {asksFor && <Effects scope={asksFor} />}
    </ScopewiseProvider>
  );
}
