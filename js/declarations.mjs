// The public declarations: for each subpath one file that has all of it, and nothing else.
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';

/** What the main entry exports of these, beside it, is its own: the other entries have it from there. */
const OF_INDEX = /^(index|types|client-options|error)\.js$/;
/** The name by which the others know the main entry while they are rolled up: what is in no package here would become theirs. */
const INDEX = 'declarations-of-index';

const MESSAGES = {
  compilerMessageReporting: { default: { logLevel: 'error' } },
  extractorMessageReporting: { default: { logLevel: 'none' }, 'ae-forgotten-export': { logLevel: 'error' }, 'ae-wrong-input-file-type': { logLevel: 'error' } },
  tsdocMessageReporting: { default: { logLevel: 'none' } },
};

/** Rolls up what an entry exports, comments and all. What it names and does not export is an error. */
function rollUp(folder, name, to) {
  const configObject = {
    projectFolder: folder,
    mainEntryPointFilePath: join(folder, `${name}.d.ts`),
    newlineKind: 'lf',
    compiler: {
      overrideTsconfig: {
        compilerOptions: { target: 'es2022', module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom', 'dom.iterable', 'esnext.disposable'], types: [], strict: true, skipLibCheck: true },
        files: [`${name}.d.ts`],
      },
    },
    apiReport: { enabled: false },
    docModel: { enabled: false },
    tsdocMetadata: { enabled: false },
    dtsRollup: { enabled: true, untrimmedFilePath: to },
    messages: MESSAGES,
  };
  const config = ExtractorConfig.prepare({ configObject, configObjectFullPath: undefined, packageJsonFullPath: join(folder, 'package.json') });
  const messageCallback = (message) => {
    if (message.logLevel !== 'error') message.handled = true;
    // An alias in a private place is not for whoever reads the declarations.
    if (message.messageId === 'ae-forgotten-export') message.text += ' It is named in what is public: export it, or do not name it.';
  };
  const { succeeded } = Extractor.invoke(config, { localBuild: true, showVerboseMessages: false, messageCallback });
  if (!succeeded) throw new Error(`${name}.d.ts cannot be rolled up`);
}

/**
 * Writes the declarations that the manifest names into `folder`. Those of sources are rolled up from what the compiler left in
 * `emitted`; those that are written by hand, in `sources`, are copied.
 */
export function declarations({ manifest, sources, emitted, folder }) {
  const named = Object.values(manifest.exports).map(({ types }) => types).filter((path) => path).map((path) => path.slice(2));
  for (const name of named.filter((name) => existsSync(join(sources, name)))) copyFileSync(join(sources, name), join(folder, name));
  const names = named.map((path) => basename(path, '.d.ts')).filter((name) => existsSync(join(emitted, `${name}.d.ts`)));
  writeFileSync(join(emitted, 'package.json'), JSON.stringify({ name: 'scopewise', version: manifest.version, type: 'module' }));
  rollUp(emitted, 'index', join(folder, 'index.d.ts'));
  const index = join(emitted, 'node_modules', INDEX);
  mkdirSync(index, { recursive: true });
  writeFileSync(join(index, 'package.json'), JSON.stringify({ name: INDEX, version: manifest.version, type: 'module', types: './index.d.ts' }));
  copyFileSync(join(folder, 'index.d.ts'), join(index, 'index.d.ts'));
  for (const file of readdirSync(emitted, { recursive: true }).filter((name) => name.endsWith('.d.ts') && !name.includes('node_modules'))) {
    const path = join(emitted, file);
    const isOfIndex = (from) => OF_INDEX.test(relative(emitted, join(dirname(path), from)));
    writeFileSync(path, readFileSync(path, 'utf8').replace(/(['"])(\.\.?\/[^'"]+)\1/g, (whole, _, from) => (isOfIndex(from) ? `'${INDEX}'` : whole)));
  }
  for (const name of names.filter((name) => name !== 'index')) {
    const path = join(folder, `${name}.d.ts`);
    rollUp(emitted, name, path);
    writeFileSync(path, readFileSync(path, 'utf8').replace(new RegExp(`(['"])${INDEX}\\1`, 'g'), "'./index.js'"));
  }
  for (const name of named) check(join(folder, name));
  rmSync(index, { recursive: true });
}

/** Nothing of this repository's insides, and nothing that only some compilers can take from a package. */
function check(path) {
  const text = readFileSync(path, 'utf8');
  const foreign = [...text.matchAll(/from ['"]\.\/([^'"]+)['"]/g)].map(([, name]) => name).filter((name) => name !== 'index.js');
  if (foreign.length > 0 || /\bconst enum\b|@internal/.test(text)) throw new Error(`${path} has more than is public: ${foreign}`);
}
