// What bundlers say: the folder that the application is served in, with a slash at both ends.
interface ImportMeta {
  readonly env: { readonly BASE_URL: string };
}

declare module '*.vue' {
  import type { DefineComponent } from 'vue';
  const component: DefineComponent;
  export default component;
}
