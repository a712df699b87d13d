import adapter from '@sveltejs/adapter-static';

const { base, mode, ssr } = JSON.parse(process.env.SCOPEWISE_VARIANT);

export default {
  kit: {
    adapter: adapter(ssr ? {} : { fallback: 'index.html' }),
    paths: { base: base.slice(0, -1) },
    router: { type: mode === 'hash' ? 'hash' : 'pathname' },
  },
};
