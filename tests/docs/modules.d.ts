declare module '*.vue' {
  const component: object;
  export default component;
}
declare module '*.svelte' {
  const component: object;
  export default component;
}
declare module '*.css' {}
