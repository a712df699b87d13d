//! Profiles of authorization servers: what carries what, how it is spelled, and what errors mean.

use crate::common::{Random, set};
use scopewise::core::error::Error;
use scopewise::core::profile::{Profile, named};
use scopewise::core::record::{Fields, Record};

fn profile(name: &str) -> Profile<'static> {
    Profile(Fields(named(name).unwrap()))
}

fn own(members: &[(&str, &str)]) -> Record {
    let mut record = Record::default();
    for (name, text) in members {
        record.put(name, text);
    }
    record
}

#[test]
fn every_named_profile_is_there_and_no_other() {
    for name in ["generic", "auth0", "google", "entra", "okta", "keycloak", "github"] {
        assert!(named(name).is_ok(), "{name}");
    }
    for name in ["", "Auth0", "gith", "generic auth0"] {
        assert_eq!(named(name).unwrap_err().code(), "invalid_options", "{name:?}");
    }
}

#[test]
fn c153_scopes_carry_others_and_have_other_spellings() {
    for (name, held, carried) in [
        ("github", "repo", "repo:status"),
        ("github", "repo", "public_repo"),
        ("github", "user", "user:email"),
        // Step by step: admin carries write, and write carries read.
        ("github", "admin:org", "read:org"),
        ("github", "admin:repo_hook", "write:repo_hook"),
        ("google", "email", "https://www.googleapis.com/auth/userinfo.email"),
        ("google", "https://www.googleapis.com/auth/userinfo.profile", "profile"),
        ("entra", "User.Read", "https://graph.microsoft.com/User.Read"),
        ("entra", "https://graph.microsoft.com/Mail.Send", "Mail.Send"),
    ] {
        assert!(
            profile(name).closure(held).contains(carried),
            "{name}: {held} carries {carried}"
        );
    }
    for (name, held, other) in [
        ("github", "repo:status", "repo"),
        ("github", "read:org", "write:org"),
        ("github", "Repo", "repo:status"),
        ("github", "repo2", "repo:status"),
        ("google", "openid", "email"),
        ("generic", "write:x", "read:x"),
        ("auth0", "repo", "repo:status"),
    ] {
        assert!(
            !profile(name).closure(held).contains(other),
            "{name}: {held} does not carry {other}"
        );
    }
}

#[test]
fn the_laws_of_a_closure() {
    let mut random = Random(0xc105);
    let tokens = ["a", "b", "c", "write:x", "read:x", "write:y", "admin:x", "repo", "user"];
    for _ in 0..500 {
        let mut rules = String::new();
        for _ in 0..random.below(4) {
            for _ in 0..=random.below(3) {
                rules.push_str(random.pick(&["a", "b", "c", "write:*", "read:*", "admin:*", "x*", "*y"]));
                rules.push(' ');
            }
            rules.push('\n');
        }
        let record = own(&[
            ("implies", &rules),
            (
                "implies",
                random.pick(&["", "a b\nb a", "write:* put:*\nput:* write:*"]),
            ),
        ]);
        let profile = Profile(record.fields());
        let mut some = || set(&[random.pick(&tokens), random.pick(&tokens)].join(" "));
        let (one, other) = (some(), some());
        let closed = profile.closure(&one);
        assert!(one.minus(&closed).is_empty(), "{rules}: a closure has what it is of");
        assert!(
            profile.closure(&closed).minus(&closed).is_empty(),
            "{rules}: it is closed"
        );
        let both = profile.closure(&one.union(&other));
        assert!(closed.minus(&both).is_empty(), "{rules}: more scopes carry no less");
    }
}

#[test]
fn rules_that_feed_each_other_come_to_an_end() {
    let record = own(&[("implies", "a* aa*\nb b* c*")]);
    assert!(Profile(record.fields()).closure("a b").contains("a"));
    let cycle = own(&[("implies", "a b\nb c\nc a")]);
    assert_eq!(Profile(cycle.fields()).closure("b").as_str().len(), "b c a".len());
}

#[test]
fn answers_and_requests_as_the_server_has_them() {
    assert_eq!(profile("github").listed("repo,user, gist").as_str(), "repo user gist");
    assert_eq!(profile("generic").listed("a,b c").as_str(), "a,b c");
    assert!(profile("google").is_incremental() && !profile("auth0").is_incremental());
    assert_eq!(profile("google").is_unlisted("email"), Some(false));
    assert_eq!(profile("generic").is_unlisted("email"), None);
    assert!(profile("entra").is_whole("https://vault.azure.net/.default") && !profile("entra").is_whole("User.Read"));
    assert_eq!(profile("entra").is_unlisted("api://x/.default"), Some(true));
    assert!(profile("generic").needs_consent("openid offline_access"));
    assert!(
        !profile("generic").needs_consent("offline_access") && !profile("okta").needs_consent("openid offline_access")
    );
}

#[test]
fn errors_say_what_they_mean_there() {
    let hint = |name: &str, description: &str| {
        let error = Error::from_server("invalid_scope", Some(description), None);
        profile(name).explain(error).detail("hint").map(str::to_owned)
    };
    assert!(
        hint("keycloak", "Invalid scopes: openid api:read")
            .unwrap()
            .contains("client scope")
    );
    assert!(
        hint(
            "okta",
            "One or more scopes are not configured for the authorization server resource."
        )
        .unwrap()
        .contains("Define them")
    );
    assert!(
        hint("entra", "AADSTS90094: the grant requires admin permission")
            .unwrap()
            .contains("administrator")
    );
    assert_eq!(hint("okta", "Something else"), None);
    assert_eq!(hint("generic", "Invalid scopes: x"), None);
    // A description alone decides: what stands elsewhere in it does not.
    assert_eq!(hint("keycloak", "x Invalid scopes: y"), None);
}

#[test]
fn what_an_upgrade_sends() {
    for (name, all, wanted, sent) in [
        (
            "generic",
            "openid api:read api:write",
            "api:write",
            "openid api:read api:write",
        ),
        // What is held comes along by itself.
        ("google", "openid email drive calendar", "calendar", "openid calendar"),
        ("google", "drive calendar", "calendar", "calendar"),
        // One spelling is enough, and so is what carries another.
        (
            "entra",
            "openid User.Read https://graph.microsoft.com/User.Read Mail.Send",
            "Mail.Send",
            "openid User.Read Mail.Send",
        ),
        ("github", "repo repo:status user", "user", "repo user"),
        // All that was ever consented to goes alone, but for what is about the user.
        (
            "entra",
            "openid User.Read api://x/.default",
            "api://x/.default",
            "openid api://x/.default",
        ),
        (
            "entra",
            "openid api://x/.default api://x/Read",
            "api://x/Read",
            "openid api://x/Read",
        ),
    ] {
        assert_eq!(profile(name).asked(all, wanted).as_str(), sent, "{name}: {all}");
    }
}

#[test]
fn a_profile_of_ones_own() {
    let client = common::options(&[
        ("extends", "github"),
        ("implies", "all repo user"),
        ("unlisted", "hidden"),
        ("scopeDelimiter", " "),
        ("upgradeRequest", "incremental"),
    ])
    .unwrap();
    let profile = client.profile();
    // Rules add to those of the named one, everything else replaces it.
    assert!(profile.closure("all").contains("repo:status"));
    assert_eq!(profile.listed("a,b c").as_str(), "a,b c");
    assert_eq!(
        (profile.is_unlisted("hidden"), profile.is_unlisted("email")),
        (Some(true), Some(false))
    );
    assert!(profile.is_incremental());
    let error = common::options(&[("extends", "gitlab")]).unwrap_err();
    assert_eq!(error.code(), "invalid_options");
}
