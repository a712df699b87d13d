import react from '@astrojs/react';

export default { integrations: [react()], vite: { build: { target: 'es2022' } } };
