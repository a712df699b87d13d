// Authorization servers in Python. Their packages are installed once, under target/; a test worker starts a server of its own.
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { env, getuid, pid } from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface PythonServer {
  readonly issuer: string;
  close(): Promise<void>;
}

const run = promisify(execFile);
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const PYTHON = env['SCOPEWISE_PYTHON'] || 'python3';
const MISSING = `These tests start a server in Python: install Python 3.10 or newer with pip (on Debian: apt-get install python3 python3-pip), or name one in SCOPEWISE_PYTHON. Tried: ${PYTHON}`;
const VERSION = 'import pip, sys; assert sys.version_info >= (3, 10); print(sys.implementation.cache_tag)';

/** The tag that compiled packages are for; undefined where there is no Python that will do. */
const tag = async (): Promise<string | undefined> => run(PYTHON, ['-c', VERSION]).then(({ stdout }) => stdout.trim(), () => undefined);

/** Debian's own packages, where we are its root. */
async function installPython(): Promise<void> {
  if (PYTHON !== 'python3' || getuid?.() !== 0 || !existsSync('/etc/debian_version')) throw new Error(MISSING);
  const options = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } };
  await run('apt-get', ['update'], options);
  await run('apt-get', ['install', '-y', '--no-install-recommends', 'python3', 'python3-pip'], options);
}

/** The folder with the packages that a server needs, each of the locked version and content. */
async function packages(name: string): Promise<string> {
  const requirements = here(`${name}/requirements.txt`);
  if (!(await tag())) await installPython();
  const python = await tag();
  if (!python) throw new Error(MISSING);
  const version = createHash('sha256').update(python).update(await readFile(requirements)).digest('hex').slice(0, 16);
  const folder = here(`../../../target/servers/${name}-${version}`);
  if (existsSync(folder)) return folder;
  // Complete or not there: two workers may do this at once.
  const unfinished = `${folder}.${pid}`;
  await mkdir(unfinished, { recursive: true });
  await run(PYTHON, [
    '-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check', '--root-user-action=ignore', '--no-compile',
    '--require-hashes', '--no-deps', '--only-binary', ':all:', '--requirement', requirements, '--target', unfinished,
  ]).catch((error) => { throw new Error(`pip could not install ${name}: ${error.stderr}`); });
  await rename(unfinished, folder).catch((error) => { if (!existsSync(folder)) throw error; });
  await rm(unfinished, { recursive: true, force: true });
  return folder;
}

/** Starts the server of this folder for a site. It says its issuer when it is ready, and ends when its input does. */
export async function startPython(name: string, site: string): Promise<PythonServer> {
  const PYTHONPATH = await packages(name);
  const server = spawn(PYTHON, ['-s', here(`${name}/server.py`), site], { env: { ...env, PYTHONPATH }, stdio: ['pipe', 'pipe', 'pipe'] });
  let log = '';
  server.stderr.setEncoding('utf8').on('data', (text) => { log += text; });
  const exited = once(server, 'exit');
  const ready = once(createInterface(server.stdout), 'line');
  const [issuer] = await Promise.race([ready, exited.then(() => [undefined])]);
  if (typeof issuer !== 'string') throw new Error(`${name} did not start: ${log}`);
  return {
    issuer,
    close: async () => {
      server.stdin.end();
      await exited;
    },
  };
}
