/** What diary.mjs gives, for the diary that is TypeScript. */
export interface Entry {
  readonly id: string;
  readonly title: string;
  /** YYYY-MM-DD. */
  readonly date: string;
  /** HH:MM. */
  readonly time: string;
}
export declare const issuer: string;
export declare const api: string;
export declare const resource: string;
export declare const scopes: Readonly<Record<string, { title: string; why: string }>>;
export declare function when(entry: Entry): string;
/** The body of a request. */
export declare function walk(): string;
