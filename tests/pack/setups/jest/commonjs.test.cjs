test('what require() gets', () => {
  require('scopewise');
});
