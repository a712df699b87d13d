export default {
  source: { entry: { index: './app.js', inline: './inline.js' } },
  html: { tags: [{ tag: 'link', attrs: { rel: 'icon', href: 'data:,' } }] },
};
