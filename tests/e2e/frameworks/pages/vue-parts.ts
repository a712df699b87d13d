// What the Vue page shows. It is also rendered on a server.
import { KeepAlive, defineComponent, h, ref, watchEffect } from 'vue';
import { RequireScope, ScopeDialog, useAccessToken, useApi, useAuth, useScope, useScopeUpdate } from 'scopewise/vue';
import { noted } from './ran.js';

const said = (error: unknown) => (error ? ((error as { code?: string }).code ?? String(error)) : 'none');
const p = (id: string, text: string) => h('p', { 'data-testid': id }, text);
const button = (id: string, text: string, onClick: () => unknown, disabled = false) => h('button', { 'data-testid': id, disabled, onClick }, text);

const User = defineComponent(() => {
  const { status, session, error, pending, signIn, signOut } = useAuth();
  return () => h('header', [
    p('status', status.value),
    p('name', session.value?.claims?.sub ?? 'nobody'),
    p('error', said(error.value)),
    button('sign-in', 'Sign in', () => signIn({ mode: 'popup' }), pending.value),
    button('sign-out', 'Sign out', () => signOut({ local: true })),
  ]);
});

const Writing = defineComponent((props: { scope?: string | string[] }) => {
  const { granted, status, missing, pending, error, request } = useScope(() => props.scope ?? 'write:x');
  const answer = ref('none');
  return () => h('section', [
    p('granted', String(granted.value)),
    p('scope-status', status.value),
    p('missing', missing.value.join(' ')),
    p('pending', String(pending.value)),
    p('scope-error', said(error.value)),
    p('answer', answer.value),
    button('ask', 'Write', async () => (answer.value = String(await request()))),
    button('ask-at-once', 'Write at once', async () => (answer.value = String(await request({ dialog: false })))),
    h(RequireScope, { scope: 'write:x' }, { default: () => p('secret', 'You may write.'), fallback: () => p('fallback', 'You may not write.') }),
    h(RequireScope, { scope: 'write:x' }, { fallback: ({ status, descriptions }: any) => p('told', `${status}: ${descriptions.map(({ title }: any) => title).join()}`) }),
  ]);
}, { props: ['scope'] });

const Banner = defineComponent((props: { base: string[] }) => {
  const { visible, descriptions, pending, update, dismiss } = useScopeUpdate(() => props.base);
  return () => visible.value ? h('aside', { 'data-testid': 'banner' }, [
    ...descriptions.value.map(({ title }) => h('p', title)),
    button('update', 'Update', () => update(), pending.value),
    button('dismiss', 'Later', dismiss),
  ]) : null;
}, { props: ['base'] });

const Call = defineComponent((props: { url: string | undefined }) => {
  const call = useApi();
  const token = useAccessToken();
  const answer = ref('none');
  return () => props.url ? h('section', [
    button('call', 'Call', async () => (answer.value = await (await call(props.url!)).text())),
    button('token', 'Token', async () => (answer.value = await token())),
    p('called', answer.value),
  ]) : null;
}, { props: ['url'] });

/** The dialog, what makes it ask for another scope, and what takes it away and brings it back: Vue keeps it alive meanwhile. */
const Unasked = defineComponent((props: { first: string }) => {
  const scope = ref(props.first);
  const isThere = ref(true);
  return () => [
    h(KeepAlive, () => isThere.value ? h(ScopeDialog, { scope: [scope.value] }) : null),
    button('other-scope', 'Another scope', () => (scope.value = 'pay:x')),
    button('away', 'Away and back', () => (isThere.value = !isThere.value)),
  ];
}, { props: ['first'] });

/** Asks in an effect. */
const Effects = defineComponent((props: { scope: string }) => {
  const { visible, missing, request } = useScope(() => props.scope);
  watchEffect(() => {
    void missing.value;
    noted('missing');
  });
  watchEffect(() => {
    if (!visible.value) return;
    noted('asked');
    void request();
  });
  return () => null;
}, { props: ['scope'] });

export const App = defineComponent((props: { base: string[]; api?: string; dialogFor?: string; asksFor?: string; several?: string[] }) => () => [
  h(User),
  h(Writing, { scope: props.several }),
  h(Banner, { base: props.base }),
  h(Call, { url: props.api }),
  props.dialogFor ? h(Unasked, { first: props.dialogFor }) : null,
  props.asksFor ? h(Effects, { scope: props.asksFor }) : null,
], { props: ['base', 'api', 'dialogFor', 'asksFor', 'several'] });
