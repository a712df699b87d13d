// The package and the contract, type by type and function by function, in both directions.
import type * as Contract from './contract.js';
import * as scopewise from '../../pkg/index.js';
import type * as Ours from '../../pkg/index.js';
import type * as inline from '../../pkg/inline.js';
import { holds, type Both, type Known, type Members, type Same } from './compare.js';

type S = 'read:x' | 'write:x';

// Every export is there, values and functions.
holds<Members<typeof Contract, typeof scopewise>>();
holds<Both<typeof scopewise.init, typeof Contract.init>>();
holds<Both<typeof scopewise.createClient, typeof Contract.createClient>>();
holds<Both<typeof scopewise.createClient<S>, typeof Contract.createClient<S>>>();
holds<Same<Contract.AuthError, Ours.AuthError>>();
holds<Both<Known<Ours.AuthErrorCode>, Known<Contract.AuthErrorCode>>>();
holds<Both<Ours.AuthErrorCode, Contract.AuthErrorCode>>();

// With everything inside it is the same.
holds<Both<typeof inline, typeof scopewise>>();

// Of typed scopes, and of any.
holds<Both<Ours.Scope, Contract.Scope>>();
holds<Both<Ours.Scope<S>, Contract.Scope<S>>>();
holds<Same<Contract.Client, Ours.Client>>();
holds<Same<Contract.Client<S>, Ours.Client<S>>>();
holds<Same<Contract.ClientOptions, Ours.ClientOptions>>();
holds<Same<Contract.ClientOptions<S>, Ours.ClientOptions<S>>>();
holds<Same<Contract.ApiOptions, Ours.ApiOptions>>();
holds<Same<Contract.ApiOptions<S>, Ours.ApiOptions<S>>>();
holds<Same<Contract.ApiScopes, Ours.ApiScopes>>();
holds<Same<Contract.ApiScopes<S>, Ours.ApiScopes<S>>>();
holds<Same<Contract.Session, Ours.Session>>();
holds<Same<Contract.Session<S>, Ours.Session<S>>>();
holds<Same<Contract.ScopeReport, Ours.ScopeReport>>();
holds<Same<Contract.ScopeReport<S>, Ours.ScopeReport<S>>>();
holds<Same<Contract.AuthorizeOptions, Ours.AuthorizeOptions>>();
holds<Same<Contract.AuthorizeOptions<S>, Ours.AuthorizeOptions<S>>>();
holds<Same<Contract.SignInOptions, Ours.SignInOptions>>();
holds<Same<Contract.SignInOptions<S>, Ours.SignInOptions<S>>>();
holds<Same<Contract.UpgradeOptions, Ours.UpgradeOptions>>();
holds<Same<Contract.UpgradeOptions<S>, Ours.UpgradeOptions<S>>>();
holds<Same<Contract.AuthorizationOutcome, Ours.AuthorizationOutcome>>();
holds<Same<Contract.AuthorizationOutcome<S>, Ours.AuthorizationOutcome<S>>>();
holds<Same<Contract.TokenOptions, Ours.TokenOptions>>();
holds<Same<Contract.TokenOptions<S>, Ours.TokenOptions<S>>>();
holds<Same<Contract.FetchOptions, Ours.FetchOptions>>();
holds<Same<Contract.FetchOptions<S>, Ours.FetchOptions<S>>>();

// The rest.
holds<Both<Ours.WasmSource, Contract.WasmSource>>();
holds<Both<Ours.ScopeStatus, Contract.ScopeStatus>>();
holds<Same<Contract.ProviderProfile, Ours.ProviderProfile>>();
holds<Both<NonNullable<Ours.ClientOptions['provider']>, NonNullable<Contract.ClientOptions['provider']>>>();
holds<Both<Ours.ClientOptions<S>['provider'], Contract.ClientOptions['provider']>>();
holds<Same<Contract.ServerMetadata, Ours.ServerMetadata>>();
holds<Same<Contract.StorageAdapter, Ours.StorageAdapter>>();
holds<Same<Contract.ScopeDescription, Ours.ScopeDescription>>();
holds<Same<Contract.GrantSelector, Ours.GrantSelector>>();
holds<Same<Contract.Claims, Ours.Claims>>();
holds<Same<Contract.AuthorizationRequest, Ours.AuthorizationRequest>>();
holds<Same<Contract.SignOutOptions, Ours.SignOutOptions>>();

// The tools themselves can say no.
// @ts-expect-error: a member is missing
holds<Same<{ a?: string; b?: string }, { a?: string }>>();
// @ts-expect-error: a method takes less
holds<Same<{ f(a: string | number): void }, { f(a: string): void }>>();
// @ts-expect-error: a method gives more kinds of results
holds<Same<{ f(): string }, { f(): string | undefined }>>();
// @ts-expect-error: an optional member is of another type
holds<Same<{ a?: string }, { a?: number }>>();
// @ts-expect-error: any is not a type to rely on
holds<Both<any, string>>();
// @ts-expect-error: a literal is missing
holds<Both<Known<'a' | 'b' | (string & {})>, Known<'a' | (string & {})>>>();
// @ts-expect-error: nor as what a promise brings
holds<Same<{ f(): Promise<string> }, { f(): Promise<any> }>>();
