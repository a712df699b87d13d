//! What the server saw of a request, and what its token endpoint answers.

use scopewise::core::http::Response;
use serde_json::{Value, json};

use super::events::{Flaw, Id, Listed, Set, Tokens};
use crate::server::{CLIENT, ISSUER, Keys, answer};

/// What the client tolerates, seconds.
const TOLERANCE: i64 = 60;

/// A request as the server saw it.
pub(crate) struct Wire {
    pub(crate) state: String,
    pub(crate) nonce: Option<String>,
    pub(crate) scope: Set,
}

/// The token response, with tokens of this type and number.
pub(crate) fn tokens(wire: &Wire, tokens: &Tokens, (token_type, number): (&str, usize), now: i64) -> Response {
    let mut body = json!({ "access_token": format!("s3cr3t-{number}"), "token_type": token_type });
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
        Id::None => return answer(200, body),
        Id::Of(user) => (user, None),
        Id::Bad(flaw) => ("ada", Some(flaw)),
    };
    let mut claims = json!({ "iss": ISSUER, "aud": CLIENT, "sub": user, "iat": now, "exp": now + 300 });
    if let Some(nonce) = &wire.nonce {
        claims["nonce"] = nonce.as_str().into();
    }
    if tokens.strong {
        claims["acr"] = "gold".into();
    }
    if let Some(flaw) = flaw {
        let (name, wrong): (_, Value) = match flaw {
            Flaw::Nonce => ("nonce", "another".into()),
            Flaw::Audience => ("aud", "another".into()),
            Flaw::Issuer => ("iss", "https://evil.example".into()),
            Flaw::Expired => ("exp", (now - TOLERANCE).into()),
            Flaw::NoSubject | Flaw::NoToken => ("sub", "".into()),
        };
        claims[name] = wrong;
    }
    body["id_token"] = match flaw {
        Some(Flaw::NoToken) => "s3cr3t".into(),
        _ => Keys::default().jwt(&claims).into(),
    };
    answer(200, body)
}
