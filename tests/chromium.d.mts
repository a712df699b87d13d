/** How Playwright starts a browser. */
export interface Launch {
  executablePath: string | undefined;
  args: string[];
  ignoreDefaultArgs?: string[];
}

export declare const ARGS: string[];
export declare function wholeBrowser(...ignoreDefaultArgs: string[]): Launch;
export declare function lightBrowser(): Launch;
export declare function prepareLightBrowser(): void;
