//! Profiles of authorization servers: which scopes carry others, how they are spelled, and what errors mean.

use scopewise::core::error::Error;
use scopewise::core::provider::{ImpliedScopes, ProviderProfile, ScopeDelimiter, UpgradeRequest};

use crate::common::{
    Random, authorization_request, client_options, config, known_provider as profile, options_with, set,
};

/// A profile with these rules. In each, the first scope carries the others.
fn with_rules(rules: &[Vec<&str>]) -> ProviderProfile {
    let mut profile = ProviderProfile::default();
    for rule in rules {
        if let [scope, carries @ ..] = rule.as_slice() {
            profile.implies.push(ImpliedScopes::new(scope, carries));
        }
    }
    profile
}

#[test]
fn every_known_profile_is_there_and_no_other() {
    for name in ["generic", "auth0", "google", "entra", "okta", "keycloak", "github"] {
        assert!(ProviderProfile::known(name).is_some(), "{name}");
    }
    for name in ["", "Auth0", "gith", "generic auth0"] {
        assert_eq!(ProviderProfile::known(name), None, "{name:?}");
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
            profile(name).closure(&set(held)).contains(carried),
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
            !profile(name).closure(&set(held)).contains(other),
            "{name}: {held} does not carry {other}"
        );
    }
}

#[test]
fn a_star_is_a_pattern_where_both_sides_have_one_and_else_a_character() {
    // A scope that is itself called so carries what its rule says; others that begin like it carry nothing.
    let wildcard = with_rules(&[vec!["orders:*", "orders:read", "orders:write"]]);
    assert_eq!(
        wildcard.closure(&set("orders:*")),
        set("orders:* orders:read orders:write")
    );
    for scope in ["orders:read", "orders:x", "orders:"] {
        assert_eq!(wildcard.closure(&set(scope)), set(scope), "{scope}");
    }
    // The same the other way round, and for each of a rule's scopes apart.
    let named = with_rules(&[vec!["staff", "orders:*"]]);
    assert_eq!(named.closure(&set("staff")), set("staff orders:*"));
    let mixed = with_rules(&[vec!["write:*", "read:*", "list"]]);
    assert_eq!(mixed.closure(&set("write:rooms")), set("write:rooms read:rooms"));
    assert!(mixed.closure(&set("write:*")).contains("list"));
}

#[test]
fn the_laws_of_a_closure() {
    let mut random = Random(0xc105);
    let tokens = ["a", "b", "c", "write:x", "read:x", "write:y", "admin:x", "repo", "user"];
    for _ in 0..500 {
        let patterns = ["a", "b", "c", "write:*", "read:*", "admin:*", "x*", "*y"];
        let mut rules: Vec<Vec<&str>> = (0..random.below(4))
            .map(|_| (0..=random.below(3)).map(|_| random.pick(&patterns)).collect())
            .collect();
        let further: [&[&[&str]]; 4] = [
            &[],
            &[&["write:*", "*"]],
            &[&["a", "b"], &["b", "a"]],
            &[&["write:*", "put:*"], &["put:*", "write:*"]],
        ];
        rules.extend(further[random.below(4)].iter().map(|rule| rule.to_vec()));
        let profile = with_rules(&rules);
        let mut some = || set(&[random.pick(&tokens), random.pick(&tokens)].join(" "));
        let (one, other) = (some(), some());
        let closed = profile.closure(&one);
        assert!(one.minus(&closed).is_empty(), "{rules:?}: a closure has what it is of");
        assert!(
            profile.closure(&closed).minus(&closed).is_empty(),
            "{rules:?}: it is closed"
        );
        let both = profile.closure(&one.union(&other));
        assert!(closed.minus(&both).is_empty(), "{rules:?}: more scopes carry no less");
    }
}

#[test]
fn rules_that_feed_each_other_come_to_an_end() {
    let growing = with_rules(&[vec!["a*", "aa*"], vec!["b", "b*", "c*"]]);
    assert!(growing.closure(&set("a b")).contains("a"));
    let doubling = with_rules(&[vec!["a*", "ba*", "ca*"], vec!["b*", "ab*"], vec!["c*", "ac*"]]);
    assert!(doubling.closure(&set("a b")).len() <= 2_000);
    let cycle = with_rules(&[vec!["a", "b"], vec!["b", "c"], vec!["c", "a"]]);
    assert_eq!(cycle.closure(&set("b")), set("b c a"));
    let mut aliases = ProviderProfile::default();
    aliases.implies = ImpliedScopes::aliases(&["x".to_owned(), "y".to_owned(), "z".to_owned()]);
    assert_eq!(aliases.closure(&set("y")), set("y x z"));
}

#[test]
fn responses_and_requests_as_the_server_has_them() {
    assert_eq!(profile("github").returned("repo,user, gist"), set("repo user gist"));
    assert_eq!(profile("generic").returned("a,b c"), set("a,b c"));
    assert_eq!(profile("google").upgrade_request, UpgradeRequest::Incremental);
    assert_eq!(profile("auth0").upgrade_request, UpgradeRequest::Union);
    assert_eq!(profile("google").is_unlisted("email"), Some(false));
    assert_eq!(profile("generic").is_unlisted("email"), None);
    assert!(profile("entra").stands_for_all_consented("https://vault.azure.net/.default"));
    assert!(!profile("entra").stands_for_all_consented("User.Read"));
    assert_eq!(profile("entra").is_unlisted("api://x/.default"), Some(true));
    let (entra, asked) = (profile("entra"), set("User.Read Mail.Send"));
    assert_eq!(entra.respelled(&set("user.read"), &asked), set("User.Read"));
    assert_eq!(profile("generic").respelled(&set("user.read"), &asked), set(""));
    assert!(profile("generic").needs_consent(&set("openid offline_access")));
    assert!(!profile("generic").needs_consent(&set("offline_access")));
    assert!(!profile("okta").needs_consent(&set("openid offline_access")));
    let of_generic = authorization_request(&options_with(|_| ()), "openid offline_access").url;
    assert!(of_generic.ends_with("&prompt=consent"), "{of_generic}");
}

#[test]
fn errors_say_what_they_mean_there() {
    let hint = |name: &str, description: &str| {
        let error = Error::from_server("invalid_scope", Some(description), None);
        profile(name).explain(error).server_error().unwrap().hint
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
    let several = "AADSTS28000: Provided value for the input parameter scope is not valid because it contains more than one resource.";
    assert!(hint("entra", several).unwrap().contains("one API at a time"));
    let resource = "AADSTS901002: The 'resource' request parameter is not supported.";
    assert!(hint("entra", resource).unwrap().contains("audience"));
    // How each of them refuses a client that is registered as one that keeps a secret.
    let platform =
        "AADSTS9002326: Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type.";
    assert!(hint("entra", platform).unwrap().contains("platform"));
    assert!(
        hint("google", "client_secret is missing.")
            .unwrap()
            .contains("endpoint of your own")
    );
    let credentials = "Invalid client or Invalid client credentials";
    assert!(hint("keycloak", credentials).unwrap().contains("Client authentication"));
    assert_eq!(hint("okta", "Something else"), None);
    assert_eq!(hint("generic", "Invalid scopes: x"), None);
    // A description alone decides: what stands elsewhere in it does not.
    assert_eq!(hint("keycloak", "x Invalid scopes: y"), None);
    // It is a part of the message.
    let error = Error::from_server("invalid_scope", Some("Invalid scopes: x"), None);
    let explained = profile("keycloak").explain(error.clone());
    let expected = format!(
        "{} Each must be assigned to this client as a client scope.",
        error.message()
    );
    assert_eq!(explained.message(), expected);
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
        // Nothing is missing: all is asked for once more, in one spelling.
        (
            "google",
            "openid email https://www.googleapis.com/auth/userinfo.email drive",
            "",
            "openid email drive",
        ),
        ("github", "repo repo:status user", "", "repo user"),
        (
            "entra",
            "offline_access api://x/Read api://x/.default",
            "",
            "offline_access api://x/.default",
        ),
        // A token is for one API: what stood for all of another one's stays away.
        (
            "entra",
            "openid api://x/.default api://y/.default",
            "api://y/.default",
            "openid api://y/.default",
        ),
    ] {
        let requested = profile(name).scopes_to_request(&set(all), &set(wanted));
        assert_eq!(requested.to_string(), sent, "{name}: {all}");
    }
}

#[test]
fn a_profile_of_ones_own() {
    let mut profile = profile("github");
    profile.implies.push(ImpliedScopes::new("all", &["repo", "user"]));
    profile.unlisted = Some(vec!["hidden".to_owned()]);
    profile.scope_delimiter = ScopeDelimiter::Space;
    profile.upgrade_request = UpgradeRequest::Incremental;
    let client = config(client_options().with_provider(profile)).unwrap();
    let profile = client.provider;
    // Rules add to those of the known one, everything else replaces it.
    assert!(profile.closure(&set("all")).contains("repo:status"));
    assert_eq!(profile.returned("a,b c"), set("a,b c"));
    assert_eq!(
        (profile.is_unlisted("hidden"), profile.is_unlisted("email")),
        (Some(true), Some(false))
    );
    assert_eq!(profile.upgrade_request, UpgradeRequest::Incremental);
}

#[test]
fn a_pattern_may_leave_out_a_part_of_its_scope() {
    let shorter = with_rules(&[vec!["api:write:*", "api:*"], vec!["all/*", "*"]]);
    assert_eq!(
        shorter.closure(&set("api:write:rooms")),
        set("api:write:rooms api:rooms")
    );
    assert_eq!(shorter.closure(&set("all/x")), set("all/x x"));
    assert_eq!(shorter.closure(&set("api:rooms")), set("api:rooms"));
    // Of two spellings each stands for the other, whichever is longer.
    let mut spelled = ProviderProfile::default();
    let spellings = ["https://api.example/*", "https://api.example/v2/*"].map(str::to_owned);
    spelled.implies = ImpliedScopes::aliases(&spellings);
    let [short, long] = ["https://api.example/read", "https://api.example/v2/read"];
    let both = set(&format!("{short} {long}"));
    assert_eq!(spelled.spellings(short), both);
    assert!(spelled.spellings(long).contains_all(&both) && spelled.names(&set(short), long));
}
