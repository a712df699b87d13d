import { list, members } from './error.js';

/** What there is to say about a scope, in words for a developer. Names no token. */
export function explain(scope: string, record: string): string {
  const { status, target, refused, requested, granted, at, live } = members(record);
  const where = target ? ` (${decodeURIComponent(target.replaceAll('+', ' '))})` : '';
  const name = `"${scope}"${where}`;
  const when = at ? `At ${new Date(+at * 1000).toISOString()}` : 'Nobody is signed in, or nothing was asked for here;';
  const answer = at ? `${when} the server was asked for "${requested}" and granted "${granted}".` : `${when} there is no grant.`;
  const advice: Record<string, string> = {
    granted: `${name} is granted${list(granted).includes(scope) ? '' : ': another scope carries it'}.`,
    assumed: `${name} counts as granted: it was requested, and the server's answer could not show it (no scope member, or a scope that it never lists).`,
    denied: `${name} is denied: it was requested, and ${refused === undefined ? 'the server granted other scopes without it' : 'the user or the server said no'}. Call upgrade with it when the user asks for what needs it; check that it is defined for this API and allowed for this client.`,
    'not-requested': `${name} was never requested. Call upgrade with it when a feature needs it${list(granted).some((held) => held.toLowerCase() === scope.toLowerCase()) ? '; scopes are case-sensitive, and one with other capitals is granted' : ''}.`,
  };
  const late = at && live === undefined ? ' The access token has run out, so hasScope says false until there is a new one.' : '';
  return `${advice[status!]} ${answer}${late}`;
}
