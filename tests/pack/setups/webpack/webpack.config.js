import { cpSync } from 'node:fs';
import { resolve } from 'node:path';

const pages = { apply: (compiler) => compiler.hooks.done.tap('pages', () => ['index.html', 'inline.html'].forEach((name) => cpSync(name, `dist/${name}`))) };

export default {
  mode: 'production',
  entry: { app: './app.js', inline: './inline.js' },
  output: { path: resolve('dist'), filename: '[name].bundle.js' },
  performance: { hints: false },
  plugins: [pages],
};
