// The code in the pages of docs/ for applications: it must compile against the package as it is built. node types/docs.mjs
// A block may begin with a comment that names its file, for other blocks of the same page to import.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from 'svelte/compiler';
import { compileScript, compileTemplate, parse } from 'vue/compiler-sfc';

const folder = (path) => fileURLToPath(new URL(path, import.meta.url));
const docs = folder('../../docs/');
const out = folder('../../target/docs/');
const pages = [...readdirSync(join(docs, 'frameworks')).map((name) => `frameworks/${name}`), 'growing-scopes.md', 'explaining-scopes.md'];

/** What components refer to besides: types of the runes, and what stands in for files that a page does not show. */
const RUNES = "declare const $props: () => Record<string, any>;\ndeclare const $state: <T>(value: T) => T;\nexport {};\n";
const STANDINS = {
  'App.vue.ts': "import { defineComponent } from 'vue';\nexport default defineComponent({});\n",
  'solid.ts': 'export declare function createSignal<T>(value: T): [() => T, (value: T) => void];\nexport declare function onCleanup(end: () => void): void;\n',
};

/** Compiles a component as its framework does, and gives its script. */
const scriptOf = {
  svelte(code) {
    // Compiled without types, which the compiler takes out of scripts by itself.
    compile(code, { filename: 'Block.svelte', dev: true });
    return RUNES + /<script lang="ts">([\s\S]*?)<\/script>/.exec(code)[1];
  },
  vue(code) {
    const { descriptor, errors } = parse(code);
    const { bindings } = compileScript(descriptor, { id: 'block' });
    const template = compileTemplate({ source: descriptor.template.content, filename: 'Block.vue', id: 'block', compilerOptions: { bindingMetadata: bindings, expressionPlugins: ['typescript'] } });
    const problems = [...errors, ...template.errors];
    if (problems.length > 0) throw new Error(problems.join('\n'));
    return descriptor.scriptSetup.content;
  },
};

rmSync(out, { recursive: true, force: true });
let count = 0;
for (const page of pages) {
  const text = readFileSync(join(docs, page), 'utf8');
  const place = join(out, basename(page, '.md'));
  mkdirSync(place, { recursive: true });
  for (const [name, code] of Object.entries(STANDINS)) writeFileSync(join(place, name), code);
  for (const [, language, code] of text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)) {
    if (!['ts', 'tsx', 'vue', 'svelte'].includes(language)) throw new Error(`${page} has a block in ${language}, which nobody checks`);
    count += 1;
    const named = /^\/\/ (\S+\.tsx?)\n/.exec(code)?.[1];
    writeFileSync(join(place, named ?? `block${count}.tsx`), scriptOf[language]?.(code) ?? `${code}\nexport {};\n`);
  }
}
if (count < 20) throw new Error(`only ${count} blocks were found`);

writeFileSync(join(out, 'tsconfig.json'), JSON.stringify({
  compilerOptions: {
    target: 'es2022', module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom', 'dom.iterable'], types: [], jsx: 'react-jsx', experimentalDecorators: true,
    strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, skipLibCheck: true, noEmit: true,
    paths: { scopewise: ['../../pkg/index.d.ts'], 'scopewise/*': ['../../pkg/*.d.ts'] },
  },
  include: ['**/*.ts', '**/*.tsx'],
}));
const { status } = spawnSync(folder('../../node_modules/.bin/tsc'), ['-p', out], { stdio: 'inherit', shell: process.platform === 'win32' });
if (status !== 0) process.exit(1);
console.log(`${count} blocks of ${pages.length} pages compile`);
