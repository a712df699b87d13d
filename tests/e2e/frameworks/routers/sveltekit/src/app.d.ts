import type { AppScope } from '$lib/options.js';

declare global {
  namespace App {
    interface PageData { scope?: AppScope }
  }
}
