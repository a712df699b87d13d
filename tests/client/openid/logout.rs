//! oidcc-client-rp-initiated-logout-rp-basic.

use scopewise::client::SignOutOptions;

use super::Party;
use crate::server::query;

/// Signs in and out, and is back on a page that the server chose.
fn assert_is_out(answer: impl FnOnce(&str, &str) -> String) {
    let party = Party::new();
    party.app.popup().unwrap();
    let options = SignOutOptions::default().with_return_to("/bye");
    party
        .app
        .start(|client| async move { client.sign_out(options).await })
        .wait(&party.browser)
        .unwrap();
    let request = party.app.page.destination().unwrap();
    assert!(request.starts_with("https://id.example/logout?"));
    assert_eq!(query(&request, "client_id").as_deref(), Some("app"));
    assert_eq!(query(&request, "id_token_hint").unwrap().split('.').count(), 3);
    let uri = query(&request, "post_logout_redirect_uri").unwrap();
    assert_eq!(uri, "https://app.example/bye");
    let state = query(&request, "state").unwrap();
    let back = party.app.reload(&answer(&uri, &state));
    assert_eq!(back.handled().unwrap(), None);
    assert!(back.session().is_none());
}

#[test]
fn oidcc_client_test_rp_init_logout() {
    assert_is_out(|uri, state| format!("{uri}?state={state}"));
}

#[test]
fn oidcc_client_test_rp_init_logout_other_state() {
    assert_is_out(|uri, state| format!("{uri}?state={}", state.replace(|c: char| c.is_ascii_digit(), "x")));
}

#[test]
fn oidcc_client_test_rp_init_logout_no_state() {
    assert_is_out(|uri, _| uri.to_owned());
}
