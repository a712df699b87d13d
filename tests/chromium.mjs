// How tests start Chromium.
import { getuid } from 'node:process';
import { prepare, program } from './programs.mjs';

/** It asks nobody outside for anything, and shows no window. */
export const ARGS = ['--headless=new', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
// Chromium refuses to run as root with its sandbox.
if (getuid?.() === 0) ARGS.push('--no-sandbox');

/** The whole browser, without some of Playwright's switches: those keep it from blocking popups, and from keeping pages for the back button. */
export function wholeBrowser(...ignoreDefaultArgs) {
  prepare('SCOPEWISE_CHROMIUM');
  return { executablePath: program('SCOPEWISE_CHROMIUM'), args: ARGS, ignoreDefaultArgs };
}

/** The one without windows where it is there, which has the same engine and takes half the time; else the whole one. */
export function lightBrowser() {
  const executablePath = program('SCOPEWISE_HEADLESS_SHELL');
  return executablePath ? { executablePath, args: ARGS } : wholeBrowser();
}

/** Installs the one without windows where it can be. */
export function prepareLightBrowser() {
  try {
    prepare('SCOPEWISE_HEADLESS_SHELL');
  } catch (error) {
    console.log(`    tests take longer: ${error.message}`);
  }
}
