// scopewise/inspector as applications write it. What must not compile says so.
import { diagnose, type Finding, type FindingId } from '../../pkg/inspector.js';

export async function inspected(): Promise<void> {
  const findings: readonly Finding[] = await diagnose({ clientId: 'app', issuer: 'https://id.example', redirectUri: '/cb', scope: ['openid'], timeout: 3000 });
  const [first] = findings;
  const id: FindingId | undefined = first?.id;
  if (first?.level === 'error') first.advice?.length;
  if (id === 'token-cors' || id === 'redirect-hand-over') return;
  // @ts-expect-error: no such finding
  if (id === 'token-fine') return;
  // @ts-expect-error: clientId is required
  await diagnose({ issuer: 'https://id.example' });
}
