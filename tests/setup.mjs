// What Playwright calls before the end-to-end tests.
export { prepareLightBrowser as default } from './chromium.mjs';
