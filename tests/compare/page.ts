// What the three apps have in common: where things are, and what has nothing to do with who is signed in.
export const { issuer, api, resource }: { issuer: string; api: string; resource: string } = await (await fetch('/config.json')).json();

/** The path of the app: one page, which the server sends users back to. */
export const place = location.pathname;

export interface Entry {
  readonly id: string;
  readonly title: string;
}

export const entriesOf = async (response: Response): Promise<Entry[]> => (await response.json()).appointments;

/** A request that needs write:appointments. */
export function walk(): RequestInit {
  const date = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  return { method: 'POST', body: JSON.stringify({ title: 'A walk', date, time: '08:00', place: 'Along the river' }), headers: { 'content-type': 'application/json' } };
}
