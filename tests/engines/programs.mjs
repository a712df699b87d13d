// The browsers and their drivers: where they are, and what a machine lacks, which is installed where we are root on Debian.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { env, getuid } from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Debian has none. */
const GECKODRIVER = ['install', 'geckodriver', '--version', '0.36.0', '--locked', '--root', 'target/tools'];

/** Of each engine: the variables that may name its programs, what these may be called, and Debian's package. */
const PROGRAMS = {
  chromium: [['SCOPEWISE_CHROMIUM', ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'], 'chromium'], ['CHROMEDRIVER', ['chromedriver'], 'chromium-driver']],
  firefox: [['SCOPEWISE_FIREFOX', ['firefox-esr', 'firefox'], 'firefox-esr'], ['GECKODRIVER', ['geckodriver']]],
  webkit: [['SCOPEWISE_WEBKIT_DRIVER', ['WebKitWebDriver'], 'webkit2gtk-driver'], ['SCOPEWISE_XVFB', ['Xvfb'], 'xvfb']],
};
const all = Object.values(PROGRAMS).flat();

/** Where a program is, by its variable; undefined where it is not. */
export function program(variable) {
  const [, names] = all.find(([name]) => name === variable);
  // The one of a known version before any other.
  const folders = [join(root, 'target/tools/bin'), ...(env.PATH ?? '').split(delimiter)];
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return env[variable] || paths.find((path) => existsSync(path));
}

/** Installs what an engine lacks, or throws an error that says what to install. */
export function prepare(engine) {
  const missing = PROGRAMS[engine].filter(([variable]) => !program(variable));
  const packages = missing.flatMap(([, , name]) => name ?? []);
  if (packages.length > 0) {
    const install = `apt-get install ${packages.join(' ')}`;
    const named = missing.map(([variable]) => variable).join(' and ');
    if (!existsSync('/etc/debian_version') || getuid?.() !== 0) throw new Error(`${engine} cannot be tried: name its programs in ${named}. On Debian: ${install}`);
    run('apt-get', ['update']);
    run('apt-get', ['install', '-y', '--no-install-recommends', ...packages]);
  }
  if (missing.some(([variable]) => variable === 'GECKODRIVER')) run('cargo', GECKODRIVER);
}

function run(command, args) {
  console.log(`    ${command} ${args.join(' ')}`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } });
  if (status !== 0) throw new Error(`${command} failed`);
}
