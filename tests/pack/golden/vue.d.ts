import { App } from 'vue';
import type { AuthorizationOutcome } from './index.js';
import type { Client } from './index.js';
import { ComponentOptionsMixin } from 'vue';
import { ComponentProvideOptions } from 'vue';
import { ComputedRef } from 'vue';
import { DefineComponent } from 'vue';
import type { DescribedScope } from './index.js';
import { ExtractPropTypes } from 'vue';
import type { FetchOptions } from './index.js';
import { MaybeRefOrGetter } from 'vue';
import { PropType } from 'vue';
import { PublicProps } from 'vue';
import { RendererElement } from 'vue';
import { RendererNode } from 'vue';
import type { Scope } from './index.js';
import type { ScopeStatus } from './index.js';
import type { Session } from './index.js';
import type { SignInOptions } from './index.js';
import type { SignOutOptions } from './index.js';
import { SlotsType } from 'vue';
import type { TokenOptions } from './index.js';
import type { UpgradeOptions } from './index.js';
import { VNode } from 'vue';

/**
 * Handles the authorization response in the page's URL, if there is one, before anything is rendered, and resolves to the client. Give that promise to the provider.
 * `returned` gets the outcome; by default the address bar gets `outcome.returnTo`. Where the response is an error, `useAuth().error` has it. On a server there is nothing to handle.
 */
export declare function afterCallback<S extends string>(given: Client<S> | Promise<Client<S>>, returned?: (outcome: AuthorizationOutcome<S>) => unknown): Promise<Client<S>>;

/** How users are asked for more scopes. What `upgrade` takes goes along; the scopes are those of the client's default audience. */
export declare interface AskingOptions<S extends string = string> extends Omit<UpgradeOptions<S>, 'audience' | 'resource' | 'mode'> {
    /** Default "popup". With "redirect" the page is left, and the answer comes by `handleCallback`. */
    mode?: 'popup' | 'redirect';
    /** Say in a dialog first what the scopes are for. Default true. Where a sensitive one is among several the dialog comes in any case: each of its questions needs a click. */
    dialog?: boolean;
    /** Default "page". Kept are the names of the scopes and of the client, and a time: in memory, sessionStorage or localStorage. */
    notNow?: NotNow;
    /** What the dialog says instead of its English texts. */
    texts?: Partial<DialogTexts>;
    /** Languages of what the option `scopes` of the client says, the best first. Default: the page's. */
    locale?: string | readonly string[];
}

/** Who is signed in, and what signs in and out: in the click, where there is a client. Neither rejects: what went wrong is `error`. Both stay the same functions. */
export declare interface Auth<S extends string = string> {
    readonly status: AuthStatus;
    /** Null until there is a client. */
    readonly session: Session<S> | null;
    readonly client: Client<S> | null;
    /** Somebody is about to sign in or out. */
    readonly pending: boolean;
    /** Why the last sign-in, sign-out or answer failed, or why there is no client; else null. It is an `AuthError`, or what else was thrown. */
    readonly error: unknown;
    /** Resolves to true once somebody is signed in. By default it leaves the page, and does not resolve. */
    readonly signIn: (options?: SignInOptions<S>) => Promise<boolean>;
    readonly signOut: (options?: SignOutOptions) => Promise<boolean>;
}

/** Whether somebody is signed in. "loading": there is no client yet; "error": there will be none. "expired": the user is known, and has to sign in again. */
export declare type AuthStatus = 'loading' | 'signed-in' | 'signed-out' | 'expired' | 'error';

/** What the dialog says, in the application's language. */
export declare interface DialogTexts {
    /** Its heading. Default "This needs your permission". */
    heading: string;
    /** The button that goes on to the server. Default "Continue". */
    continue: string;
    /** The button that does not. Default "Not now". */
    notNow: string;
}

/** How long "Not now" is remembered: until the page goes, until the tab closes, or for a number of days. */
export declare type NotNow = 'page' | 'session' | number;

/** Each member as a ref; functions as they are. */
export declare type Refs<T> = {
    readonly [K in keyof T]: T[K] extends (...args: never[]) => unknown ? T[K] : ComputedRef<T[K]>;
};

/** Shows its default slot where the scope is there, else its slot `fallback`, which gets what `useScope` gives. */
export declare const RequireScope: DefineComponent<ExtractPropTypes<    {
scope: {
readonly type: PropType<Scope>;
readonly required: true;
};
}>, () => VNode<RendererNode, RendererElement, {
[key: string]: any;
}>[] | undefined, {}, {}, {}, ComponentOptionsMixin, ComponentOptionsMixin, {}, string, PublicProps, Readonly<ExtractPropTypes<    {
scope: {
readonly type: PropType<Scope>;
readonly required: true;
};
}>> & Readonly<{}>, {}, SlotsType<{
default?: {};
fallback?: ScopeView;
}>, {}, {}, string, ComponentProvideOptions, true, {}, any>;

/** Asks by itself, in the dialog, as soon as it is rendered for somebody who is signed in without the scope; not where the user said "Not now" or no before. */
export declare const ScopeDialog: DefineComponent<ExtractPropTypes<    {
scope: {
readonly type: PropType<Scope>;
readonly required: true;
};
asking: PropType<AskingOptions>;
}>, () => null, {}, {}, {}, ComponentOptionsMixin, ComponentOptionsMixin, {}, string, PublicProps, Readonly<ExtractPropTypes<    {
scope: {
readonly type: PropType<Scope>;
readonly required: true;
};
asking: PropType<AskingOptions>;
}>> & Readonly<{}>, {}, {}, {}, {}, string, ComponentProvideOptions, true, {}, any>;

/** Scopes that a new version of the application needs from the start, and that sessions of the old one lack. */
export declare interface ScopeUpdate<S extends string = string> extends Pick<ScopeView<S>, 'missing' | 'descriptions' | 'visible' | 'pending' | 'error' | 'dismiss'> {
    /** The same as `request`, by default without the dialog: what calls it explains already. */
    readonly update: (options?: AskingOptions<S>) => Promise<boolean>;
}

/** Scopes as an interface needs them. Its functions stay the same whatever changes, and its lists stay the same arrays until they say something else. */
export declare interface ScopeView<S extends string = string> {
    /** Whether all are there. For the interface only: the API decides. */
    readonly granted: boolean;
    /** That of the first scope which is missing, else of the first; "loading" until there is a client. */
    readonly status: ScopeStatus | 'loading';
    readonly missing: readonly S[];
    /** What the missing ones are for; none until there is a client. */
    readonly descriptions: readonly DescribedScope<S>[];
    /** Whether to offer them unasked: somebody is signed in without them, and said neither "Not now" nor no. */
    readonly visible: boolean;
    /** They are being asked for. */
    readonly pending: boolean;
    /** Why the last question failed, or why the client says nothing (it is closed, and nothing is granted), else null. A no is not a failure, and neither are a popup that the user closed and an abort. */
    readonly error: unknown;
    /** Asks for what is missing. Call it in a click, before you await anything. Resolves to whether all are granted then, and does not reject. */
    readonly request: (options?: AskingOptions<S>) => Promise<boolean>;
    /** Says "Not now" for the user. */
    readonly dismiss: () => void;
}

/** The plugin: `app.use(scopewise, client, asking)`, with a client or the promise of one, and how the application asks for scopes unless it says otherwise. */
export declare const scopewise: {
    install<S extends string>(app: App, client: Client<S> | Promise<Client<S>>, asking?: AskingOptions<S>): void;
};

/** The client's `getAccessToken`, which waits for the client. */
export declare const useAccessToken: <S extends string = string>() => ((options?: TokenOptions<S>) => Promise<string>);

/** The client's `fetch`, which waits for the client. */
export declare const useApi: <S extends string = string>() => ((input: RequestInfo | URL, init?: FetchOptions<S>) => Promise<Response>);

/** Who is signed in, and what signs in and out. */
export declare function useAuth<S extends string = string>(): Refs<Auth<S>>;

/** Whether scopes are there, and what asks for them. */
export declare const useScope: <S extends string = string>(scope: MaybeRefOrGetter<Scope<S>>, asking?: AskingOptions<S>) => Refs<ScopeView<S>>;

/** For a version of the application that needs more scopes from the start: whether to offer the update, and what does it. */
export declare const useScopeUpdate: <S extends string = string>(scope: MaybeRefOrGetter<Scope<S>>, asking?: AskingOptions<S>) => Refs<ScopeUpdate<S>>;

export { }
