export default defineNuxtConfig({
  compatibilityDate: '2025-11-01',
  telemetry: false,
  app: { head: { link: [{ rel: 'icon', href: 'data:,' }] } },
  routeRules: { '/': { prerender: true } },
  nitro: { preset: 'node-listener' },
  vite: {
    optimizeDeps: { exclude: ['scopewise'] },
    // A difference says what it is.
    define: { __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'true' },
  },
});
