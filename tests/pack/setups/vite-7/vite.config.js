export default { optimizeDeps: { exclude: ['scopewise'] }, build: { target: 'es2022' } };
