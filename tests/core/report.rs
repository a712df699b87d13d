//! The report on scopes: what was requested, granted, denied and used, and what follows.

use scopewise::core::provider::ProviderProfile;
use scopewise::core::scope::ScopeSet;
use scopewise::core::session::{ScopeReport, Session};
use scopewise::core::target::Target;
use serde_json::json;

use crate::common::{granted, set, target};

fn report(session: Option<&Session>, used: &str) -> ScopeReport {
    let used = ScopeSet::from_answer(used.split_whitespace());
    ScopeReport::new(session, &ProviderProfile::default(), &Target::default(), used)
}

fn texts(report: &ScopeReport) -> [String; 6] {
    let ScopeReport {
        requested,
        granted,
        denied,
        used,
        unused,
        unrequested,
        ..
    } = report;
    [requested, granted, denied, used, unused, unrequested].map(ToString::to_string)
}

#[test]
fn each_list_has_what_it_says() {
    let session = granted("read write share", json!({ "scope": "read share" }));
    let seen = texts(&report(Some(&session), "read admin"));
    assert_eq!(
        seen,
        [
            "read write share",
            "read share",
            "write",
            "read admin",
            "share",
            "admin"
        ]
    );
}

#[test]
fn nobody_has_nothing() {
    assert_eq!(texts(&report(None, "read")), ["", "", "", "read", "", "read"]);
    let session = granted("read", json!({}));
    let elsewhere = ScopeReport::new(
        Some(&session),
        &ProviderProfile::default(),
        &target(Some("api"), &[]),
        ScopeSet::default(),
    );
    assert_eq!(texts(&elsewhere), ["", "", "", "", "", ""]);
}

#[test]
fn what_acts_at_the_server_is_never_unused() {
    let scope = "openid offline_access profile";
    let session = granted(
        scope,
        json!({ "scope": scope, "id_token": "s3cr3t", "refresh_token": "s3cr3t" }),
    );
    let seen = report(Some(&session), "");
    assert_eq!((seen.granted, seen.unused), (set(scope), set("profile")));
}

#[test]
fn what_carries_a_used_scope_is_used() {
    let mut profile = ProviderProfile::default();
    let rule = scopewise::ImpliedScopes::new("write", &["read"]);
    profile.implies.push(rule);
    let session = granted("write", json!({ "scope": "write" }));
    let used = set("read");
    let seen = ScopeReport::new(Some(&session), &profile, &Target::default(), used);
    assert!(seen.unused.is_empty(), "write carries read");
    assert!(seen.unrequested.is_empty(), "read was requested with write");
}
