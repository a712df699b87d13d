// Three people to sign in as. It is a demo: nobody has a password.
export const accounts = [
  { id: 'ada', name: 'Ada Lovelace', given: 'Ada', family: 'Lovelace', email: 'ada@example.org' },
  { id: 'grace', name: 'Grace Hopper', given: 'Grace', family: 'Hopper', email: 'grace@example.org' },
  { id: 'linus', name: 'Linus Pauling', given: 'Linus', family: 'Pauling', email: 'linus@example.org' },
];

export const byId = (id) => accounts.find((account) => account.id === id);

/** The account that a login_hint means: an id or an e-mail address. */
export const byHint = (hint) => accounts.find(({ id, email }) => hint === id || hint === email);

/** oidc-provider's view of an account. It filters the claims by the granted scopes itself. */
export async function findAccount(ctx, id) {
  const account = byId(id);
  return account && {
    accountId: id,
    claims: async () => ({
      sub: id,
      name: account.name,
      given_name: account.given,
      family_name: account.family,
      preferred_username: id,
      email: account.email,
      email_verified: true,
    }),
  };
}
