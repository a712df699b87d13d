// What the pages show, whichever router shows them.
import { RequireScope, useAuth } from 'scopewise/react';

const said = (error: unknown): string => (error ? ((error as { code?: string }).code ?? String(error)) : 'none');

export function Bar() {
  const { status, session, error, signOut } = useAuth();
  return (
    <p>
      <span data-testid="status">{status}</span> <span data-testid="granted">{session?.granted.join(' ')}</span> <span data-testid="error">{said(error)}</span>{' '}
      <button onClick={() => signOut({ returnTo: import.meta.env.BASE_URL })}>Sign out</button>
    </p>
  );
}

export const Home = () => <h1>Home</h1>;
export const Notes = () => <h1>Notes</h1>;

export const Edit = () => (
  <>
    <h1>Edit</h1>
    <RequireScope scope="write:notes" fallback={({ missing, request }) => (
      <p>Missing: <span data-testid="missing">{missing.join(' ')}</span> <button onClick={() => request({ mode: 'redirect', dialog: false })}>Allow</button></p>
    )}>
      <textarea aria-label="Note" />
    </RequireScope>
  </>
);
