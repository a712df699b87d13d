// How tests start Chromium.
import { getuid } from 'node:process';

/** It asks nobody outside for anything, and shows no window. */
export const ARGS = ['--headless=new', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
// Chromium refuses to run as root with its sandbox.
if (getuid?.() === 0) ARGS.push('--no-sandbox');
