// Before all tests: what the engines need is there, or it is said what is not.
import type { FullConfig } from '@playwright/test';
// @ts-ignore: plain JavaScript, which tests without TypeScript use too
import { prepareEngine } from '../programs.mjs';

export default function setup({ projects }: FullConfig): void {
  for (const { name } of projects) prepareEngine(name);
}
