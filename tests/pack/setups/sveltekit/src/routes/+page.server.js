// Rendered once, while the application is built.
export const prerender = true;

export const load = () => ({ made: performance.now() });
