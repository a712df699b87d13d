// The people that a provider knows. It is a demo: nobody has a password.

/** `all`: { id, name, given, family, email } each. */
export function accountsOf(all) {
  const byId = (id) => all.find((account) => account.id === id);
  return {
    all,
    byId,
    /** The account that a login_hint means: an id or an e-mail address. */
    byHint: (hint) => all.find(({ id, email }) => hint === id || hint === email),
    /** oidc-provider's view of an account. It filters the claims by the granted scopes itself. */
    async find(ctx, id) {
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
    },
  };
}
