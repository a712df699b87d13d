//! The profiles of known servers.

use super::{ImpliedScopes, ProviderProfile, RefreshScope, ScopeDelimiter, SignOutEndpoint, UpgradeRequest};

pub(super) fn profile(name: &str) -> Option<ProviderProfile> {
    Some(match name {
        "generic" => generic(),
        "auth0" => auth0(),
        "google" => google(),
        "entra" => entra(),
        "okta" => okta(),
        "keycloak" => keycloak(),
        "github" => github(),
        "cognito" => cognito(),
        _ => return None,
    })
}

fn generic() -> ProviderProfile {
    ProviderProfile {
        offline_access_needs_consent: true,
        ..ProviderProfile::default()
    }
}

fn auth0() -> ProviderProfile {
    ProviderProfile {
        unlisted: Some(tokens(&["online_access"])),
        sign_out: Some(SignOutEndpoint {
            is_fallback: true,
            ..SignOutEndpoint::new("/v2/logout").with_return_to("returnTo")
        }),
        hints: &[(
            "Consent required",
            "Auth0 asks on localhost, and where the API does not let this application skip consent.",
        )],
        ..ProviderProfile::default()
    }
}

fn google() -> ProviderProfile {
    ProviderProfile {
        upgrade_request: UpgradeRequest::Incremental,
        unlisted: Some(Vec::new()),
        implies: rules(&[
            ("email", &["https://www.googleapis.com/auth/userinfo.email"]),
            ("https://www.googleapis.com/auth/userinfo.email", &["email"]),
            ("profile", &["https://www.googleapis.com/auth/userinfo.profile"]),
            ("https://www.googleapis.com/auth/userinfo.profile", &["profile"]),
        ]),
        hints: &[(
            "client_secret is missing",
            "A page can keep none: send token requests to an endpoint of your own that adds it.",
        )],
        ..ProviderProfile::default()
    }
}

fn entra() -> ProviderProfile {
    ProviderProfile {
        refresh_scope: RefreshScope::Requested,
        unlisted: Some(tokens(&["openid", "profile", "email", "offline_access"])),
        ignores_case: true,
        has_tenants: true,
        all_consented_suffix: Some(".default"),
        implies: rules(&[
            ("*", &["https://graph.microsoft.com/*"]),
            ("https://graph.microsoft.com/*", &["*"]),
        ]),
        hints: &[
            ("AADSTS90094", "Only an administrator can consent to these."),
            (
                "AADSTS28000",
                "Ask for the scopes of one API at a time: another API has an audience of its own in apis.",
            ),
            (
                "AADSTS901002",
                "Give the API an audience in apis, which Entra takes no note of, instead of a resource.",
            ),
            (
                "AADSTS9002326",
                "The redirect URI must be registered for the platform Single-page application.",
            ),
            (
                "AADSTS65001",
                "Nobody consented yet: ask without prompt none, or an administrator.",
            ),
        ],
        ..ProviderProfile::default()
    }
}

fn okta() -> ProviderProfile {
    ProviderProfile {
        hints: &[
            (
                "One or more scopes are not configured",
                "Define them at this authorization server, or check the issuer.",
            ),
            (
                "Custom scopes are not allowed",
                "The org authorization server has none: use another issuer, such as /oauth2/default.",
            ),
        ],
        ..ProviderProfile::default()
    }
}

fn keycloak() -> ProviderProfile {
    ProviderProfile {
        unlisted: Some(tokens(&["roles", "web-origins", "acr", "basic", "service_account"])),
        hints: &[
            (
                "Invalid scopes:",
                "Each must be assigned to this client as a client scope.",
            ),
            (
                "authentication_expired",
                "The login page was open for too long: call signIn once more.",
            ),
            (
                "Invalid client or Invalid client credentials",
                "A page can keep no secret: turn off Client authentication for this client.",
            ),
        ],
        ..ProviderProfile::default()
    }
}

fn github() -> ProviderProfile {
    ProviderProfile {
        scope_delimiter: ScopeDelimiter::Comma,
        invalid_grant_codes: &["bad_refresh_token"],
        unlisted: Some(Vec::new()),
        implies: rules(&[
            (
                "repo",
                &[
                    "repo:status",
                    "repo_deployment",
                    "public_repo",
                    "repo:invite",
                    "security_events",
                    "admin:repo_hook",
                ],
            ),
            ("user", &["read:user", "user:email", "user:follow"]),
            ("project", &["read:project"]),
            ("admin:org", &["manage_runners:org"]),
            (
                "admin:enterprise",
                &["manage_runners:enterprise", "manage_billing:enterprise"],
            ),
            ("admin:*", &["write:*"]),
            ("write:*", &["read:*"]),
        ]),
        ..ProviderProfile::default()
    }
}

fn cognito() -> ProviderProfile {
    ProviderProfile {
        // Its metadata has this endpoint too, which knows no parameter of RP-initiated logout but the client.
        sign_out: Some(SignOutEndpoint {
            needs_return_to: true,
            ..SignOutEndpoint::new("/logout").with_return_to("logout_uri")
        }),
        ..ProviderProfile::default()
    }
}

/// Scopes, and what each carries.
fn rules(rules: &[(&str, &[&str])]) -> Vec<ImpliedScopes> {
    let rules = rules.iter().map(|(scope, carries)| ImpliedScopes::new(scope, carries));
    rules.collect()
}

fn tokens(scopes: &[&str]) -> Vec<String> {
    scopes.iter().map(|scope| (*scope).to_owned()).collect()
}
