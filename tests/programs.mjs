// The browsers and their drivers: where they are, and what a machine lacks, which is installed where we are root on Debian.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { env, getuid } from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
/** Debian has none. */
const GECKODRIVER = ['install', 'geckodriver', '--version', '0.36.0', '--locked', '--root', 'target/tools'];

/** By the variable that may name a program: what it may be called, and Debian's package. */
const PROGRAMS = {
  SCOPEWISE_CHROMIUM: { names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'], debian: 'chromium' },
  SCOPEWISE_HEADLESS_SHELL: { names: ['chromium-headless-shell', 'chrome-headless-shell'], debian: 'chromium-headless-shell' },
  CHROMEDRIVER: { names: ['chromedriver'], debian: 'chromium-driver' },
  SCOPEWISE_FIREFOX: { names: ['firefox-esr', 'firefox'], debian: 'firefox-esr' },
  GECKODRIVER: { names: ['geckodriver'] },
  SCOPEWISE_WEBKIT_DRIVER: { names: ['WebKitWebDriver'], debian: 'webkit2gtk-driver' },
  SCOPEWISE_XVFB: { names: ['Xvfb'], debian: 'xvfb' },
};

/** What each engine needs, to be driven by WebDriver. */
const ENGINES = {
  chromium: ['SCOPEWISE_CHROMIUM', 'CHROMEDRIVER'],
  firefox: ['SCOPEWISE_FIREFOX', 'GECKODRIVER'],
  webkit: ['SCOPEWISE_WEBKIT_DRIVER', 'SCOPEWISE_XVFB'],
};

/** Where a program is, by its variable; undefined where it is not. */
export function program(variable) {
  // The one of a known version before any other.
  const folders = [join(root, 'target/tools/bin'), ...(env.PATH ?? '').split(delimiter)];
  const paths = PROGRAMS[variable].names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return env[variable] || paths.find((path) => existsSync(path));
}

/** Installs what an engine lacks, or throws an error that says what to install. */
export const prepareEngine = (engine) => prepare(...ENGINES[engine]);

/** The same for programs, by their variables. */
export function prepare(...variables) {
  const missing = variables.filter((variable) => !program(variable));
  const packages = missing.flatMap((variable) => PROGRAMS[variable].debian ?? []);
  if (packages.length > 0) {
    const install = `apt-get install ${packages.join(' ')}`;
    if (!existsSync('/etc/debian_version') || getuid?.() !== 0) {
      const names = missing.map((variable) => PROGRAMS[variable].names[0]).join(' and ');
      throw new Error(`${names} cannot be found: install it, or say where it is in ${missing.join(' and ')}. On Debian: ${install}`);
    }
    run('apt-get', ['update']);
    run('apt-get', ['install', '-y', '--no-install-recommends', ...packages]);
  }
  if (missing.includes('GECKODRIVER')) run('cargo', GECKODRIVER);
}

function run(command, args) {
  console.log(`    ${command} ${args.join(' ')}`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } });
  if (status !== 0) throw new Error(`${command} failed`);
}
