// What applications are built with. `run` is run first: commands that must go well (or fail, saying so). `pages` are then served,
// from a folder or by a command that prints where: each visited page must show a sign-in's URL, or what it `says`, and those that
// take over what a server rendered must do so without a difference, signed out as well as signed in.

const node = (...args) => ({ args: ['node', ...args] });
/** The browser's own word on a file that is not there. */
const NOT_FOUND = /Failed to load resource/;

const FREE_PORT = ['--port', '0', '--host', '127.0.0.1'];
/** Pages that a server made: once, with the application, or for each request. Development servers make all of them for each. */
const MADE_BEFORE = { path: '/' };
const MADE_FOR_EACH = { path: '/visits/7', isDynamic: true };
const developed = (way) => ({ ...way, isDynamic: true, isDeveloped: true });
/** The API is called with a token, and never from a server. */
const CALLS = { says: /id="mine"[^>]*>not_in_browser</, shows: { '#mine': 'called with a token' } };

export const SETUPS = {
  node: { isInstalled: true, run: [node('imports.mjs'), node('required.cjs')] },
  'import-map': { pages: [{ serve: '.', visit: [{ path: '/page.html' }, { path: '/page.html?storage=worker' }, { path: '/inline.html?storage=worker' }] }] },
  vite: {
    run: [{ args: ['vite', 'build', '--logLevel', 'warn'] }],
    pages: [
      { serve: 'dist', visit: [{ path: '/' }, { path: '/?storage=worker' }, { path: '/inline.html?storage=worker' }] },
      { command: ['node', 'dev.mjs'], visit: [{ path: '/' }, { path: '/?storage=worker' }, { path: '/inline.html?storage=worker' }] },
    ],
  },
  'vite-7': {
    run: [{ args: ['vite', 'build', '--logLevel', 'warn'] }],
    pages: [{ serve: 'dist', visit: [{ path: '/' }, { path: '/?storage=worker' }] }, { command: ['node', 'dev.mjs'], visit: [{ path: '/' }, { path: '/?storage=worker' }] }],
  },
  webpack: { run: [{ args: ['webpack'] }], pages: [{ serve: 'dist', visit: [{ path: '/' }, { path: '/?storage=worker' }, { path: '/inline.html?storage=worker' }] }] },
  rsbuild: { isSlow: true, run: [{ args: ['rsbuild', 'build'] }], pages: [{ serve: 'dist', visit: [{ path: '/' }, { path: '/?storage=worker' }, { path: '/inline.html?storage=worker' }] }] },
  rollup: {
    run: [{ args: ['rollup', '-c', '--failAfterWarnings'] }],
    pages: [{
      serve: 'dist',
      visit: [{ path: '/copied/' }, { path: '/inline/?storage=worker' }, { path: '/bare/', says: /^wasm_unavailable: .*404.*Rollup and esbuild do not copy the file.*scopewise\/inline/, allows: NOT_FOUND }],
    }],
  },
  esbuild: {
    run: [node('build.mjs')],
    pages: [{
      serve: 'dist',
      visit: [
        { path: '/copied/' }, { path: '/inline/?storage=worker' }, { path: '/bare/', says: /^wasm_unavailable: .*404.*Rollup and esbuild do not copy the file.*scopewise\/inline/, allows: NOT_FOUND },
        { path: '/copied/?storage=worker', says: /^storage_unavailable: .*Serve worker\.js beside the script/, allows: NOT_FOUND },
        // In a service worker there is no page, so nobody signs in: what is there, and loads, is a client that says so.
        { path: '/service-worker/', says: /^signed out, and not_in_browser$/ },
      ],
    }],
  },
  vitest: { run: [{ args: ['vitest', 'run'], says: /Tests +3 passed/ }] },
  jest: {
    run: [
      { args: ['jest'], env: { NODE_OPTIONS: '--experimental-vm-modules --no-warnings' }, says: /Tests: +2 passed/ },
      { args: ['jest', '--config', 'bare.config.json'], env: { NODE_OPTIONS: '--experimental-vm-modules --no-warnings' }, fails: true, says: /no TextDecoder.*node:util.*setupFiles/ },
      { args: ['jest', '--config', 'commonjs.config.json'], fails: true, says: /scopewise is an ES module.*experimental-vm-modules/ },
    ],
  },
  parcel: { isSlow: true, run: [{ args: ['parcel', 'build', 'index.html', '--no-cache', '--no-source-maps'] }], pages: [{ serve: 'dist', visit: [{ path: '/' }, { path: '/?storage=worker' }] }] },
  next: {
    isSlow: true, run: [{ args: ['next', 'build'] }],
    pages: [
      { command: ['next', 'start', '-p', '0', '-H', '127.0.0.1'], takesOver: [MADE_BEFORE, MADE_FOR_EACH] },
      { command: ['next', 'dev', '-p', '0', '-H', '127.0.0.1'], takesOver: [developed(MADE_FOR_EACH)] },
    ],
  },
  nuxt: {
    isSlow: true, shared: 'lib', run: [{ args: ['nuxt', 'build'] }],
    pages: [{ command: ['node', 'start.mjs'], takesOver: [MADE_BEFORE, MADE_FOR_EACH] }, { command: ['nuxt', 'dev', ...FREE_PORT], takesOver: [developed(MADE_FOR_EACH)] }],
  },
  sveltekit: {
    isSlow: true, run: [{ args: ['vite', 'build', '--logLevel', 'warn'] }],
    pages: [{ command: ['node', 'start.mjs'], takesOver: [MADE_BEFORE, MADE_FOR_EACH] }, { command: ['vite', 'dev', ...FREE_PORT], takesOver: [developed(MADE_FOR_EACH)] }],
  },
  'react-router': {
    isSlow: true, run: [{ args: ['react-router', 'build'] }],
    pages: [{ command: ['node', 'start.mjs'], takesOver: [MADE_BEFORE, MADE_FOR_EACH] }, { command: ['react-router', 'dev', ...FREE_PORT], takesOver: [developed(MADE_FOR_EACH)] }],
  },
  astro: {
    isSlow: true, run: [{ args: ['astro', 'build'] }],
    pages: [{ serve: 'dist', takesOver: [MADE_BEFORE] }, { command: ['astro', 'dev', ...FREE_PORT], takesOver: [developed(MADE_BEFORE)] }],
  },
  angular: { isSlow: true, run: [{ args: ['ng', 'build'] }], pages: [{ serve: 'dist/app/browser', visit: [{ path: '/' }] }] },
  'angular-ssr': {
    isSlow: true, run: [{ args: ['ng', 'build'] }],
    pages: [
      { command: ['node', 'start.mjs'], takesOver: [MADE_BEFORE, { ...MADE_FOR_EACH, ...CALLS }, { ...MADE_FOR_EACH, path: '/members/7', isGuarded: true, ...CALLS }] },
      { command: ['ng', 'serve', ...FREE_PORT], takesOver: [developed(MADE_BEFORE)] },
    ],
  },
};
