// A browser that keeps pages for its back button, which is off in other tests. Tests that use the same object share workers.
import { wholeBrowser } from '../chromium.mjs';

export const keepingPages = { launchOptions: wholeBrowser('--disable-back-forward-cache') };
