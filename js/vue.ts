import { computed, defineComponent, getCurrentInstance, inject, onActivated, onDeactivated, onMounted, proxyRefs, shallowRef, toValue, watch, type App, type ComputedRef, type InjectionKey, type MaybeRefOrGetter, type PropType, type Ref, type SlotsType } from 'vue';
import type { AskingOptions } from './frameworks/asking.js';
import { members, storeOf, type Auth, type AuthStore, type ScopeUpdate, type ScopeView, type Shown } from './frameworks/auth-store.js';
import type { Client, FetchOptions, Scope, TokenOptions } from './types.js';

export type { AskingOptions, NotNow } from './frameworks/asking.js';
export { afterCallback, type Auth, type AuthStatus, type ScopeUpdate, type ScopeView } from './frameworks/auth-store.js';
export type { DialogTexts } from './frameworks/scope-dialog.js';

interface Provided {
  readonly store: AuthStore<any>;
  readonly state: Ref<Auth<any>>;
  readonly asking: AskingOptions<any> | undefined;
}

const KEY: InjectionKey<Provided> = Symbol('scopewise');

/** The plugin: `app.use(scopewise, client, asking)`, with a client or the promise of one, and how the application asks for scopes unless it says otherwise. */
export const scopewise = {
  install<S extends string>(app: App, client: Client<S> | Promise<Client<S>>, asking?: AskingOptions<S>): void {
    const store = storeOf(client);
    const state = shallowRef(store.read());
    app.onUnmount(store.subscribe((now) => (state.value = now)));
    app.provide(KEY, { store, state, asking });
  },
};

/** Each member as a ref; functions as they are. */
export type Refs<T> = { readonly [K in keyof T]: T[K] extends (...args: never[]) => unknown ? T[K] : ComputedRef<T[K]> };

function useProvided(): Provided {
  const provided = inject(KEY);
  if (!provided) throw new Error('There is no app.use(scopewise, client).');
  // A component that takes over what a server rendered shows the same first.
  const component = getCurrentInstance();
  const isTakingOver = shallowRef(Boolean(component?.vnode.el));
  if (component) onMounted(() => (isTakingOver.value = false));
  return { ...provided, state: computed(() => (isTakingOver.value ? provided.store.loading : provided.state.value)) };
}

/** Who is signed in, and what signs in and out. */
export function useAuth<S extends string = string>(): Refs<Auth<S>> {
  const { store, state } = useProvided();
  return members(store.loading, () => state.value, computed);
}

function useView<S extends string>(scope: MaybeRefOrGetter<Scope<S>>, asking?: MaybeRefOrGetter<AskingOptions<S> | undefined>): Refs<Shown<S>> {
  const { store, state, asking: usual } = useProvided();
  const about = () => [toValue(scope), usual, toValue(asking)] as const;
  const questions = store.questions(about);
  const view = computed(() => questions.seen(state.value, ...about()));
  return members<object, Refs<Shown<S>>>({ ...store.loadingScope, ...questions }, () => view.value, computed);
}

/** Whether scopes are there, and what asks for them. */
export const useScope: <S extends string = string>(scope: MaybeRefOrGetter<Scope<S>>, asking?: AskingOptions<S>) => Refs<ScopeView<S>> = useView;

/** For a version of the application that needs more scopes from the start: whether to offer the update, and what does it. */
export const useScopeUpdate: <S extends string = string>(scope: MaybeRefOrGetter<Scope<S>>, asking?: AskingOptions<S>) => Refs<ScopeUpdate<S>> = useView;

/** The client's `getAccessToken`, which waits for the client. */
export const useAccessToken = <S extends string = string>(): ((options?: TokenOptions<S>) => Promise<string>) => useProvided().store.token;

/** The client's `fetch`, which waits for the client. */
export const useApi = <S extends string = string>(): ((input: RequestInfo | URL, init?: FetchOptions<S>) => Promise<Response>) => useProvided().store.fetch;

const scopeProp = { type: [String, Array] as PropType<Scope>, required: true } as const;

/** Shows its default slot where the scope is there, else its slot `fallback`, which gets what `useScope` gives. */
export const RequireScope = defineComponent({
  props: { scope: scopeProp },
  slots: Object as SlotsType<{ default?: {}; fallback?: ScopeView }>,
  setup(props, { slots }) {
    const view = proxyRefs(useView(() => props.scope));
    return () => (view.granted ? slots.default?.({}) : slots.fallback?.(view));
  },
});

/** Asks by itself, in the dialog, as soon as it is rendered for somebody who is signed in without the scope; not where the user said "Not now" or no before. */
export const ScopeDialog = defineComponent({
  props: { scope: scopeProp, asking: Object as PropType<AskingOptions> },
  setup(props) {
    const { visible, show } = useView(() => props.scope, () => props.asking);
    // What <KeepAlive> keeps is not shown all the time.
    const isActive = shallowRef(true);
    onActivated(() => (isActive.value = true));
    onDeactivated(() => (isActive.value = false));
    watch([() => isActive.value && visible.value, () => String(props.scope)], ([isVisible], _, onCleanup) => isVisible && onCleanup(show()), { immediate: true, flush: 'post' });
    return () => null;
  },
});
