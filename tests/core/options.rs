//! What a builder's method sets: its own member, and no other.

use scopewise::core::authorize::{AuthorizeOptions, ResponseMode};
use scopewise::core::config::ClientOptions;
use scopewise::core::provider::ProviderProfile;
use scopewise::core::target::Target;
use scopewise::core::url::Params;
use scopewise::{ApiOptions, DpopProofOptions, FetchOptions, OnMissing, SignOutOptions, TokenOptions};

use crate::common::{ISSUER, metadata, pairs, set};

fn target() -> Target {
    crate::common::target(Some("api"), &[])
}

/// Options of a type; each method, with what it sets.
macro_rules! check {
    ($from:expr, { $($method:ident($($argument:expr),*) sets $member:ident = $value:expr;)* }) => {$({
        let built = $from.$method($($argument),*);
        let mut expected = $from;
        assert_ne!(format!("{built:?}"), format!("{expected:?}"), stringify!($method));
        expected.$member = $value;
        assert_eq!(format!("{built:?}"), format!("{expected:?}"), stringify!($method));
    })*};
}

#[test]
fn of_a_client() {
    let some = || ClientOptions::new("app", ISSUER).with_redirect_uri("/callback");
    let further = || Params::from_iter(pairs("a=b"));
    check!(some(), {
        with_redirect_uri("/other") sets redirect_uri = Some("/other".into());
        with_scope(set("read")) sets scope = Some(set("read"));
        with_target(target()) sets target = target();
        with_api(ApiOptions::new("/api/")) sets apis = vec![ApiOptions::new("/api/")];
        with_metadata(metadata()) sets metadata = Some(metadata());
        with_provider(ProviderProfile::default()) sets provider = Some(ProviderProfile::default());
        with_authorization_params(further()) sets authorization_params = further();
        with_trusted_audience("api") sets trusted_audiences = vec!["api".into()];
        with_verify_signature() sets verify_signature = true;
        with_par(true) sets par = Some(true);
        with_par(false) sets par = Some(false);
        with_dpop() sets dpop = true;
        with_clock_tolerance(7) sets clock_tolerance = Some(7);
        with_timeout(7_000) sets timeout = Some(7_000);
    });
}

#[test]
fn of_a_request() {
    let some = || AuthorizeOptions::default().with_app_state("{}");
    let further = || Params::from_iter(pairs("a=b"));
    check!(some(), {
        with_scope(set("read")) sets scope = Some(set("read"));
        with_target(target()) sets target = Some(target());
        with_return_to("/there") sets return_to = Some("/there".into());
        with_app_state("[]") sets app_state = Some("[]".into());
        with_prompt("login") sets prompt = Some("login".into());
        with_login_hint("ada") sets login_hint = Some("ada".into());
        with_acr_values("gold") sets acr_values = Some("gold".into());
        with_max_age(5) sets max_age = Some(5);
        with_ui_locales("de") sets ui_locales = Some("de".into());
        with_authorization_details("[]") sets authorization_details = Some("[]".into());
        with_response_mode(ResponseMode::Query) sets response_mode = Some(ResponseMode::Query);
        with_params(further()) sets params = further();
    });
}

#[test]
fn of_an_api() {
    let some = || ApiOptions::new("/api/").with_scope(set("read"));
    check!(some(), {
        with_target(target()) sets target = Some(target());
        with_scope(set("write")) sets scope = set("write");
        with_challenge_scope(set("write")) sets challenge_scope = Some(set("write"));
    });
}

#[test]
fn of_a_call() {
    let some = || TokenOptions::default().with_min_validity(5);
    check!(some(), {
        with_scope(set("read")) sets scope = Some(set("read"));
        with_target(target()) sets target = Some(target());
        with_min_validity(7) sets min_validity = Some(7);
        with_force_refresh() sets force_refresh = true;
    });
    check!(DpopProofOptions::default(), {
        with_nonce("once") sets nonce = Some("once".into());
    });
    check!(SignOutOptions::default(), {
        with_return_to("/there") sets return_to = Some("/there".into());
    });
    assert!(SignOutOptions::local().is_local && !SignOutOptions::default().is_local);
    let fetch = FetchOptions::default()
        .with_scope(set("read"))
        .with_target(target())
        .with_on_missing(OnMissing::Popup);
    assert_eq!(
        (fetch.scope, fetch.target, fetch.on_missing),
        (set("read"), Some(target()), OnMissing::Popup)
    );
}
