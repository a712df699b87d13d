export default { build: { rollupOptions: { input: ['index.html', 'inline.html'] } } };
