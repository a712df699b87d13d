//! What the server saw of a request, and what its token endpoint answers.

use scopewise::core::http::Response;
use serde_json::{Value, json};

use super::events::{Flaw, Id, Listed, Set, Tokens};
use crate::common;

/// A request as the server saw it.
pub(crate) struct Wire {
    pub(crate) state: String,
    pub(crate) nonce: Option<String>,
    pub(crate) scope: Set,
}

/// The token response, with tokens of this number.
pub(crate) fn tokens(wire: &Wire, tokens: &Tokens, number: usize, now: i64) -> Response {
    let mut body = common::token_body(json!({ "access_token": format!("s3cr3t-{number}") }));
    if let (Some(listed), Listed::These { untidy, .. }) = (tokens.scope.of(wire.scope), tokens.scope) {
        let mut scope = listed.text();
        if untidy {
            let mut backwards: Vec<_> = scope.split(' ').rev().collect();
            backwards.push("\u{e9}");
            scope = format!(" {}  {scope}", backwards.join(" "));
        }
        body["scope"] = scope.into();
    }
    if tokens.refresh {
        body["refresh_token"] = format!("s3cr3t-refresh-{number}").into();
    }
    if let Some(seconds) = tokens.lifetime {
        body["expires_in"] = seconds.into();
    }
    let (user, flaw) = match tokens.id {
        Id::None => return common::answer(200, Some(&body)),
        Id::Of(user) => (user, None),
        Id::Bad(flaw) => ("ada", Some(flaw)),
    };
    let mut claims = common::claims(user);
    claims["iat"] = now.into();
    claims["exp"] = (now + 300).into();
    match &wire.nonce {
        Some(nonce) => claims["nonce"] = nonce.as_str().into(),
        None => drop(claims.as_object_mut().unwrap().remove("nonce")),
    }
    if tokens.strong {
        claims["acr"] = "gold".into();
    }
    if let Some(flaw) = flaw {
        let (name, wrong): (_, Value) = match flaw {
            Flaw::Nonce => ("nonce", "another".into()),
            Flaw::Audience => ("aud", "another".into()),
            Flaw::Issuer => ("iss", "https://evil.example".into()),
            Flaw::Expired => ("exp", (now - common::expected().tolerance).into()),
            Flaw::NoSubject | Flaw::NoToken => ("sub", "".into()),
        };
        claims[name] = wrong;
    }
    body["id_token"] = match flaw {
        Some(Flaw::NoToken) => "s3cr3t".into(),
        _ => common::id_token(&claims).into(),
    };
    common::answer(200, Some(&body))
}
