//! A whole story at each known server: a no, some, a yes, a refresh, an API that wants more, a reload.

use scopewise::core::scope::ScopeSet;
use scopewise::core::target::Target;

use super::{Answered, AtProvider, fetched, reversed, wants, without};
use crate::app::{App, code, set};
use crate::host::api::Respond;
use crate::server::{Decision, ORIGIN};

struct Story {
    provider: &'static str,
    scope: &'static str,
    answered: Answered,
    /// What is asked for later, one by one.
    more: &'static str,
    other: &'static str,
    /// What the upgrade to the first of these sends.
    sent: &'static str,
    /// What is there in the end, besides what was asked for.
    carried: &'static str,
    refreshes_with_scope: bool,
}

const STORIES: [Story; 8] = [
    Story {
        provider: "auth0",
        scope: "openid profile offline_access read:rooms",
        answered: |_| None,
        more: "write:rooms",
        other: "delete:rooms",
        sent: "openid profile offline_access read:rooms write:rooms",
        carried: "profile",
        refreshes_with_scope: false,
    },
    Story {
        provider: "okta",
        scope: "openid profile offline_access rooms.read",
        answered: |scopes| Some(reversed(scopes, " ")),
        more: "rooms.write",
        other: "rooms.delete",
        sent: "openid profile offline_access rooms.read rooms.write",
        carried: "profile",
        refreshes_with_scope: false,
    },
    Story {
        provider: "entra",
        scope: "openid profile offline_access User.Read",
        answered: |scopes| {
            let listed = without(scopes, &["openid", "offline_access", "profile"]);
            Some(listed.replace("User.Read", "https://graph.microsoft.com/User.Read"))
        },
        more: "Mail.Read",
        other: "Mail.Send",
        sent: "openid profile offline_access User.Read Mail.Read",
        carried: "https://graph.microsoft.com/Mail.Read https://graph.microsoft.com/User.Read",
        refreshes_with_scope: true,
    },
    Story {
        provider: "google",
        scope: "openid email",
        answered: |scopes| {
            // With `include_granted_scopes` those of before come along, from other pages too.
            let besides = match scopes {
                "openid email" => "",
                "openid fourth" => "more other drive fourth",
                _ => &format!("more drive {}", without(scopes, &["openid", "more"])),
            };
            Some(format!(
                "https://www.googleapis.com/auth/userinfo.email openid {besides}"
            ))
        },
        more: "more",
        other: "other",
        sent: "openid more",
        carried: "https://www.googleapis.com/auth/userinfo.email drive",
        refreshes_with_scope: false,
    },
    Story {
        provider: "keycloak",
        scope: "openid rooms:read",
        answered: |scopes| Some(format!("email {} profile", without(scopes, &["roles"]))),
        more: "rooms:write roles",
        other: "rooms:delete",
        sent: "openid rooms:read email profile rooms:write roles",
        carried: "email profile",
        refreshes_with_scope: false,
    },
    Story {
        provider: "cognito",
        scope: "openid profile rooms/read",
        answered: |_| None,
        more: "rooms/write",
        other: "rooms/delete",
        sent: "openid profile rooms/read rooms/write",
        carried: "profile",
        refreshes_with_scope: false,
    },
    Story {
        provider: "github",
        scope: "user user:email gist",
        answered: |scopes| Some(reversed(&without(scopes, &["user:email", "repo:status"]), ",")),
        more: "repo",
        other: "admin:org",
        sent: "user gist repo",
        carried: "user:email read:user repo:status security_events",
        refreshes_with_scope: false,
    },
    Story {
        provider: "generic",
        scope: "openid offline_access rooms:read",
        answered: |scopes| Some(without(scopes, &["openid", "offline_access"])),
        more: "rooms:write",
        other: "rooms:delete",
        sent: "openid offline_access rooms:read rooms:write",
        carried: "openid",
        refreshes_with_scope: false,
    },
];

impl Story {
    /// Without a scope member nobody can tell a yes from a no.
    fn tells(&self) -> bool {
        (self.answered)("x").is_some()
    }

    /// Each no leaves what is there.
    fn refuse(&self, at: &AtProvider) {
        let grants = || at.app.session().unwrap().grants().to_vec();
        let before = grants();
        let outcome = at.upgrade(self.more, Decision::Deny).unwrap();
        assert_eq!((outcome.status.as_str(), outcome.missing), ("denied", set(self.more)));
        let codes = [
            "invalid_scope",
            "consent_required",
            "interaction_required",
            "unauthorized",
        ];
        for no in codes {
            assert_eq!(code(at.upgrade(self.more, Decision::Error(no))), no);
        }
        assert_eq!(grants(), before);
    }

    fn grant(&self, at: &AtProvider) {
        assert_eq!(
            at.upgrade(self.more, Decision::Grant).unwrap().status.as_str(),
            "granted"
        );
        assert_eq!(at.asked("scope").as_deref(), Some(self.sent));
        assert!(at.app.has(self.more) && at.app.has(self.scope));
        if self.tells() {
            let both = format!("{} third", self.other);
            let outcome = at.upgrade(&both, Decision::Without("third")).unwrap();
            assert_eq!((outcome.status.as_str(), outcome.missing), ("partial", set("third")));
        }
    }

    fn go_on(&self, at: AtProvider) {
        let granted = |app: &App| app.session().unwrap().granted(&Target::default());
        let before = granted(&at.app);
        let sent = at.refresh();
        assert_eq!(sent.is_some(), self.refreshes_with_scope);
        assert!(sent.is_none_or(|sent| before.contains_all(&set(&sent)) && !sent.contains("https:")));
        assert_eq!(granted(&at.app), before);

        at.answer_next();
        assert_eq!(fetched(&at.app, wants(&at.app, "fourth")), "200");
        let app = at.app.reload(ORIGIN);
        assert!(app.has("fourth") && app.has(self.scope) && app.has(self.more) && app.has(self.carried));
        let denied = app.client.scope_report(&ScopeSet::default()).unwrap().denied;
        assert_eq!(denied, set(if self.tells() { "third" } else { "" }));
        assert!(at.browser.server.borrow().violations.is_empty());
    }
}

/// The whole story at a server.
fn tell(provider: &str) {
    let story = STORIES.iter().find(|story| story.provider == provider).unwrap();
    let at = AtProvider::signed_in(provider, story.scope, story.answered);
    assert!(at.app.has(story.scope) && !at.app.has(story.more));
    story.refuse(&at);
    story.grant(&at);
    story.go_on(at);
}

#[test]
fn a_story_at_auth0() {
    tell("auth0");
}

#[test]
fn a_story_at_okta() {
    tell("okta");
}

#[test]
fn a_story_at_entra() {
    tell("entra");
}

#[test]
fn a_story_at_google() {
    tell("google");
}

#[test]
fn a_story_at_keycloak() {
    tell("keycloak");
}

#[test]
fn a_story_at_cognito() {
    tell("cognito");
}

#[test]
fn a_story_at_github() {
    tell("github");
}

#[test]
fn a_story_at_generic() {
    tell("generic");
}

#[test]
fn challenges_of_known_apis_lead_to_an_upgrade() {
    const TAKEN: (u16, Option<&str>, bool) = (200, None, true);
    fn has_write(scopes: Option<&ScopeSet>) -> bool {
        scopes.is_some_and(|scopes| scopes.contains("rooms/write"))
    }
    let apis: [(&str, Respond); 3] = [
        // Amazon API Gateway writes no commas.
        ("cognito", |scopes| match has_write(scopes) {
            true => TAKEN,
            false => (
                403,
                Some(r#"Bearer scope="rooms/write" error="insufficient_scope" error_description="no""#),
                true,
            ),
        }),
        ("okta", |scopes| match has_write(scopes) {
            true => TAKEN,
            false => {
                let challenge = r#"Bearer authorization_uri="http://org.okta.com/oauth2/v1/authorize", realm="http://org.okta.com", scope="rooms/write", error="insufficient_scope", error_description="The access token provided does not contain the required scopes.", resource="/api/v1/users""#;
                (403, Some(challenge), true)
            }
        }),
        ("auth0", |scopes| match has_write(scopes) {
            true => TAKEN,
            false => {
                let challenge = r#"Bearer realm="api", error="insufficient_scope", error_description="Insufficient Scope", scope="rooms/write""#;
                (403, Some(challenge), true)
            }
        }),
    ];
    for (name, respond) in apis {
        let at = AtProvider::signed_in(name, "openid rooms/read", |scopes| Some(scopes.to_owned()));
        let request = wants(&at.app, "");
        request.respond.set(Some(respond));
        assert_eq!(fetched(&at.app, request), "200", "{name}");
    }
}
