// Tools to compare declarations. What does not hold does not compile.

/** A line like `holds<Both<A, B>>()` compiles only where it is true. */
export declare function holds<_T extends true>(): void;

type IsAny<T> = 0 extends 1 & T ? true : false;
type Extends<A, B> = [A] extends [B] ? true : { readonly this: A; readonly isNot: B };
type And<A, B> = A extends true ? B : A;

/** Each is assignable to the other, and neither is `any`, which is assignable to everything. */
export type Both<A, B> = IsAny<A> extends true ? 'is any' : IsAny<B> extends true ? 'is any' : And<Extends<A, B>, Extends<B, A>>;

/** Without an index signature, which would stand for every name. */
type Named<T> = { [K in keyof T as {} extends Record<K, 1> ? never : K]: T[K] };

/** Every member of A is one of B too, optional ones included: assignability does not miss those. */
export type Members<A, B> = Extends<keyof Named<A>, keyof Named<B>>;

type NotAny<R> = IsAny<Awaited<R>> extends true ? 'is any' : R;

/** Methods as arguments and result, since methods are compared more loosely than that. */
export type Exact<T> = { [K in keyof T]-?: T[K] extends (...args: infer A) => infer R ? readonly [args: A, result: NotAny<R>] : T[K] };

type Compared<T, Names> = Exact<{ [K in keyof Named<T> as K extends Names ? K : never]: Named<T>[K] }>;

/** An interface that is the same, member by member. Ours may have more, if optional. */
export type Same<Contract, Ours> = And<
  And<Members<Contract, Ours>, Both<Contract, Ours>>,
  Both<Compared<Ours, keyof Named<Contract>>, Compared<Contract, keyof Named<Contract>>>
>;

/** The literals of a union that is open to other strings. */
export type Known<T> = T extends string ? ({} extends Record<T, 1> ? never : T) : never;
