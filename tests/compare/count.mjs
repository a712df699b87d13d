// Counts what it takes to write the same app with each library, and checks that docs/compare.md says the same: node compare/count.mjs
// With --print it prints the table for that page.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
// The compiler of the demo's documentation: the newer one of the tests has no API in JavaScript.
const ts = createRequire(join(root, 'www/package.json'))('typescript');

/** Each library, and whose declarations are its. */
const LIBRARIES = {
  scopewise: [join(root, 'pkg')],
  'auth0-react': [join(root, 'node_modules/@auth0')],
  'oidc-spa': [join(root, 'tests/node_modules/oidc-spa')],
};

const { options } = ts.parseJsonConfigFileContent(ts.readConfigFile(join(root, 'tests/compare/tsconfig.json'), ts.sys.readFile).config, ts.sys, join(root, 'tests/compare'));
const fileOf = (library) => join(root, 'tests/compare', `${library}.tsx`);
const program = ts.createProgram(Object.keys(LIBRARIES).map(fileOf), options);
const checker = program.getTypeChecker();

/** Lines with code: neither blank nor only a comment. */
function linesOf(file) {
  const lines = new Set();
  const visit = (node) => {
    const parts = node.getChildren(file);
    if (parts.length === 0 && node.getWidth(file) > 0) {
      const from = file.getLineAndCharacterOfPosition(node.getStart(file)).line;
      const to = file.getLineAndCharacterOfPosition(node.getEnd()).line;
      for (let line = from; line <= to; line += 1) if (file.text.split('\n')[line].trim() !== '') lines.add(line);
    }
    parts.forEach(visit);
  };
  visit(file);
  return lines.size;
}

/** What an identifier stands for: of a member in an object or in a pattern, the member itself. */
function symbolsOf(node) {
  const { parent } = node;
  const partsOf = (type) => [type, ...(type.isUnionOrIntersection() ? type.types.flatMap(partsOf) : [])];
  // An open type of the library's need not declare what it documents: then the type itself stands for its members.
  const member = (type) => (type ? partsOf(type).map((part) => part.getProperty(node.text) ?? part.symbol).filter(Boolean) : []);
  if (ts.isBindingElement(parent) && (parent.propertyName ?? parent.name) === node) return member(checker.getTypeAtLocation(parent.parent));
  if ((ts.isPropertyAssignment(parent) || ts.isShorthandPropertyAssignment(parent)) && parent.name === node) return member(checker.getContextualType(parent.parent));
  if (ts.isJsxAttribute(parent) && parent.name === node) return member(checker.getContextualType(parent.parent));
  const symbol = checker.getSymbolAtLocation(node);
  return symbol ? [symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol] : [];
}

/** The names that a library declares and a file uses. */
function namesOf(file, folders) {
  const names = new Set();
  const isOfLibrary = (symbol) => symbol.declarations?.some((declaration) => folders.some((folder) => declaration.getSourceFile().fileName.replaceAll('/', sep).startsWith(folder)));
  const visit = (node) => {
    if (ts.isIdentifier(node) && symbolsOf(node).some(isOfLibrary)) names.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return [...names].sort();
}

/** The names that a file imports of a library. */
const importsOf = (file, library) => file.statements.filter(ts.isImportDeclaration).filter(({ moduleSpecifier: { text } }) => text.split('/').includes(library))
  .flatMap(({ importClause }) => importClause.namedBindings.elements.map(({ name }) => name.text));

/** Calls of useState: all its mentions but the import. */
const statesOf = (file) => file.text.match(/\buseState\b/g).length - 1;

const counts = Object.entries(LIBRARIES).map(([library, folders]) => {
  const file = program.getSourceFile(fileOf(library));
  const names = namesOf(file, folders);
  return { library, lines: linesOf(file), imports: importsOf(file, library).length, names, states: statesOf(file) };
});
const row = (title, values) => `| ${[title, ...values].join(' | ')} |`;
const table = [
  row('', counts.map(({ library }) => library)),
  row('---', counts.map(() => '---')),
  row('lines of code', counts.map(({ lines }) => lines)),
  row('names imported of the library', counts.map(({ imports }) => imports)),
  row('names of the library in use', counts.map(({ names }) => names.length)),
  row('states that the app keeps itself', counts.map(({ states }) => states)),
].join('\n');

if (process.argv.includes('--print')) {
  console.log(table);
  for (const { library, names } of counts) console.log(`\n${library}: ${names.join(' ')}`);
} else {
  const page = readFileSync(join(root, 'docs/compare.md'), 'utf8');
  assert.ok(page.includes(table), `docs/compare.md has other figures than these:\n${table}`);
  const [own, ...others] = counts;
  for (const other of others) assert.ok(own.lines <= other.lines, `more lines than with ${other.library}`);
  console.log(`docs/compare.md: ${counts.map(({ library, lines, names }) => `${library} ${lines} lines, ${names.length} names`).join('; ')}`);
}
