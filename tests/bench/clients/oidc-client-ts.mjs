// oidc-client-ts, as the benchmark drives every client. It leaves it to the application when to refresh.
import { UserManager, WebStorageStateStore } from 'oidc-client-ts';

export async function open({ metadata, clientId, redirectUri, scope, shared }) {
  const store = shared ? { userStore: new WebStorageStateStore({ store: localStorage }) } : {};
  const client = new UserManager({
    authority: metadata.issuer, metadata, client_id: clientId, redirect_uri: redirectUri, popup_redirect_uri: redirectUri, scope,
    automaticSilentRenew: false, ...store,
  });
  const refresh = async () => (await client.signinSilent()).access_token;
  return {
    signIn: (more) => client.signinRedirect(more),
    popup: (more) => client.signinPopup(more),
    callback: () => client.signinRedirectCallback(),
    token: async () => {
      const user = await client.getUser();
      return user.expires_in > 30 ? user.access_token : refresh();
    },
    refresh,
  };
}
