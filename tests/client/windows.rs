//! Requests whose answer comes to a window or frame of its own.

use scopewise::client::{InteractionMode, SignInOptions};
use scopewise::core::authorize::AuthorizeOptions;
use scopewise::host::StorageKind;

use crate::app::App;
use crate::host::{Browser, Call};
use crate::server::Decision;

#[test]
fn a_failure_gives_the_application_back_what_it_gave_to_the_request() {
    for (decision, expected) in [
        (Decision::Close, "popup_closed"),
        (Decision::Deny, "access_denied"),
        (Decision::Error("invalid_scope"), "invalid_scope"),
    ] {
        let browser = Browser::new(1);
        let app = App::in_tab(&browser, StorageKind::Session);
        browser.server.borrow_mut().decide(decision);
        let authorize = AuthorizeOptions::default().with_app_state("7").with_return_to("/inbox");
        let options = SignInOptions::new(InteractionMode::Popup).with_authorize(authorize);
        let error = Call::start(&app.page, app.client.sign_in(options))
            .wait(&browser)
            .unwrap_err();
        let request = error.request().unwrap();
        assert_eq!(error.code(), expected);
        assert_eq!(
            (request.app_state.as_deref(), request.return_to.as_str()),
            (Some("7"), "/inbox")
        );
    }
}
