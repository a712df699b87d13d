//! The authorization endpoint and its user.

use scopewise::core::scope::ScopeSet;
use scopewise::core::url;
use serde_json::json;

use super::{AuthorizationServer, CALLBACK, CLIENT, Code, Decision, ISSUER, ServerGrant, query};

/// What comes of a visit.
pub(crate) enum Visit {
    /// Back to the application, with an answer.
    Answer(String),
    /// The user closed the window.
    Closed,
    /// The user does not answer.
    Nothing,
}

impl Visit {
    /// The URL of the answer.
    pub(crate) fn url(self) -> String {
        match self {
            Visit::Answer(url) => url,
            _ => panic!("there is no answer"),
        }
    }
}

impl AuthorizationServer {
    /// The user arrives with an authorization request.
    pub(crate) fn authorize(&mut self, request: &str, now: i64) -> Visit {
        if url::base(request) == "https://id.example/logout" {
            self.sign_outs += 1;
            let back = query(request, "post_logout_redirect_uri").zip(query(request, "state"));
            return match back {
                Some((uri, state)) => Visit::Answer(format!("{uri}?state={state}")),
                None => Visit::Nothing,
            };
        }
        let request = &*self.take_request(request);
        self.asked = request.to_owned();
        self.check_request(request);
        let decision = self.decisions.pop_front().unwrap_or(Decision::Grant);
        let is_silent = query(request, "prompt").as_deref() == Some("none");
        if is_silent && self.user.is_none() {
            return self.send_back(request, &[("error", "login_required")], now);
        }
        let user = self.user.unwrap_or("ada");
        match decision {
            Decision::Grant => self.grant(request, user, "", now),
            Decision::Without(scope) => self.grant(request, user, scope, now),
            Decision::As(user) => self.grant(request, user, "", now),
            Decision::Deny => self.send_back(request, &[("error", "access_denied")], now),
            Decision::Error(error) => self.send_back(request, &[("error", error)], now),
            Decision::Close => Visit::Closed,
            Decision::Wait => Visit::Nothing,
        }
    }

    fn check_request(&mut self, request: &str) {
        let expected = [
            ("response_type", "code"),
            ("client_id", CLIENT),
            ("redirect_uri", CALLBACK),
            ("code_challenge_method", "S256"),
        ];
        let mut wrong: Vec<_> = expected
            .iter()
            .filter(|(name, value)| query(request, name).as_deref() != Some(value))
            .map(|(name, _)| *name)
            .collect();
        let is_short = |name| query(request, name).is_none_or(|value| value.len() < 43);
        wrong.extend(["state", "code_challenge"].into_iter().filter(|name| is_short(name)));
        if url::base(request) != "https://id.example/authorize" {
            wrong.push("endpoint");
        }
        if !wrong.is_empty() {
            self.violations.push(format!("authorization request: {wrong:?}"));
        }
    }

    fn grant(&mut self, request: &str, user: &str, without: &str, now: i64) -> Visit {
        let requested = query(request, "scope").unwrap_or_default();
        let scope = ScopeSet::from_answer(requested.split(' ')).minus(&ScopeSet::from_answer(without.split(' ')));
        self.grants.push(ServerGrant {
            user: user.to_owned(),
            scope,
            is_revoked: false,
        });
        let code = format!("code-{}", self.codes.len());
        self.codes.insert(
            code.clone(),
            Code {
                grant: self.grants.len() - 1,
                challenge: query(request, "code_challenge").unwrap_or_default(),
                nonce: query(request, "nonce"),
                redirect_uri: query(request, "redirect_uri").unwrap_or_default(),
                issued_at: now,
                is_used: false,
            },
        );
        self.send_back(request, &[("code", &code)], now)
    }

    fn send_back(&mut self, request: &str, params: &[(&str, &str)], now: i64) -> Visit {
        let state = query(request, "state").unwrap_or_default();
        let common = [("state", state.as_str()), ("iss", ISSUER)];
        let params = params.iter().chain(&common).copied();
        let mode = query(request, "response_mode").unwrap_or_default();
        let mut response = form_urlencoded::Serializer::new(String::new());
        if mode == "query.jwt" {
            let mut claims = json!({ "aud": CLIENT, "exp": now + 600 });
            for (name, value) in params {
                claims[name] = value.into();
            }
            let change = self.change_response.take();
            change.into_iter().for_each(|change| change(&mut claims));
            response.append_pair("response", &self.keys.jwt(&claims));
        } else {
            response.extend_pairs(params);
        }
        let uri = query(request, "redirect_uri").unwrap_or_default();
        let start = if mode == "fragment" { "#" } else { "?" };
        Visit::Answer([uri.as_str(), start, &response.finish()].concat())
    }
}
