import { randomUUID } from 'node:crypto';
import { buildSync } from 'esbuild';

export default {
  // What is bundled may have changed though the file has not.
  getCacheKey: () => randomUUID(),
  process(_, path) {
    const { outputFiles } = buildSync({
      entryPoints: [path], bundle: true, write: false, format: 'esm', target: 'es2022', sourcemap: 'inline', external: ['scopewise', 'scopewise/testing', '@jest/globals'],
    });
    return { code: outputFiles[0].text };
  },
};
