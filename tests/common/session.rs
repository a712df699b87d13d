//! Sample token responses, ID tokens and sessions.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use scopewise::core::authorize::step_up;
use scopewise::core::authorize::{AuthorizeOptions, PendingRequest};
use scopewise::core::demands::Authentication;
use scopewise::core::error::Result;
use scopewise::core::http::Response;
use scopewise::core::provider::ProviderProfile;
use scopewise::core::secret::RawIdToken;
use scopewise::core::session::{Event, Grant, Session, StoredSession};
use scopewise::core::target::Target;
use scopewise::core::token::{Expected, IdToken, TokenResponse};
use serde_json::{Value as Json, json};

use super::{CLIENT, ISSUER, NONCE, NOW, asked, body, parse_json, set, sign_in, upgrading};

/// A response as the token endpoint sends it.
pub(crate) fn response(status: u16, json: Option<&Json>) -> Response {
    Response::new(status, json.and_then(body))
}

/// One object over another: its members count.
fn over(mut object: Json, members: &Json) -> Json {
    for (name, member) in members.as_object().unwrap() {
        object[name] = member.clone();
    }
    object
}

/// The body of a success response with these members besides the required ones.
pub(crate) fn token_body(members: Json) -> Json {
    over(
        json!({ "access_token": "s3cr3t-access", "token_type": "Bearer" }),
        &members,
    )
}

/// The members of a response for the sample session's user.
pub(crate) fn upgrade_body(members: Json) -> Json {
    over(
        json!({ "id_token": id_token(&claims("ada")), "access_token": "s3cr3t-new-access" }),
        &members,
    )
}

/// A nameless session with the grant of a response with these members. Its ID token is evidence, and not checked.
pub(crate) fn granted(requested: &str, members: Json) -> Session {
    ledger(requested, &response(200, Some(&token_body(members))))
}

/// The same for any response.
pub(crate) fn ledger(requested: &str, response: &Response) -> Session {
    let event = Event::Authorized {
        request: &sign_in(requested),
        grant: Grant::new(
            &ProviderProfile::default(),
            Target::default(),
            set(requested),
            TokenResponse::parse(response).unwrap(),
            NOW,
        ),
        id_token: None,
        session_id: "session-0".to_owned(),
    };
    Session::apply(None, event).unwrap()
}

/// The session after an event that it accepts.
pub(crate) fn session_after(before: &Session, event: Event<'_>) -> Session {
    Session::apply(Some(before), event).unwrap()
}

/// The session as it is stored and read again, which is the same.
pub(crate) fn stored(session: &Session) -> Session {
    let text = super::stringify(&session.to_value());
    match StoredSession::from_value(parse_json(&text).as_ref()) {
        StoredSession::Sound(read) => {
            assert_eq!(read, *session);
            read
        }
        other => panic!("what was stored is {other:?}"),
    }
}

/// The grant of a session's default target.
pub(crate) fn the_grant(session: &Session) -> &Grant {
    session.grant(&Target::default()).unwrap()
}

/// The claims of a sound ID token.
pub(crate) fn claims(sub: &str) -> Json {
    json!({ "iss": ISSUER, "aud": CLIENT, "sub": sub, "nonce": NONCE, "iat": NOW, "exp": NOW + 300 })
}

pub(crate) fn base64url(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

pub(crate) fn jwt(header: &Json, claims: &Json) -> String {
    [&header.to_string(), &claims.to_string(), "s3cr3t signature"]
        .map(base64url)
        .join(".")
}

pub(crate) fn id_token(claims: &Json) -> String {
    jwt(&json!({ "alg": "RS256" }), claims)
}

pub(crate) fn expected() -> Expected<'static> {
    Expected {
        issuer: ISSUER,
        client_id: CLIENT,
        audiences: &[],
        algorithms: None,
        access_token: None,
        code: None,
        nonce: Some(NONCE),
        max_age: None,
        tolerance: 60,
        now: NOW,
    }
}

/// Decodes and checks an ID token.
pub(crate) fn verified(raw: &str, expected: &Expected<'_>) -> Result<IdToken> {
    let token = IdToken::decode(RawIdToken::new(raw), &parse_json)?;
    token.check(expected)?;
    Ok(token)
}

/// From the token response to the session, in the order that keeps the old one until all is checked.
pub(crate) fn exchange(before: Option<&Session>, request: &PendingRequest, members: Json) -> Result<Session> {
    let response = TokenResponse::parse(&response(200, Some(&token_body(members))))?;
    let id_token = match response.id_token.clone() {
        Some(raw) => Some(id_token_for(request, raw)?),
        None if response.promises_id_token(request, &ProviderProfile::default()) => return Err(IdToken::malformed()),
        None => step_up::check(request, Authentication::default(), Ok(())).map(|()| None)?,
    };
    let event = Event::Authorized {
        request,
        grant: Grant::new(
            &ProviderProfile::default(),
            request.target.clone(),
            request.requested.clone(),
            response,
            NOW,
        ),
        id_token,
        session_id: before.map_or("session-1", |_| "session-2").to_owned(),
    };
    Session::apply(before, event).map_err(|rejected| rejected.error)
}

/// An ID token that is what a request asked for.
fn id_token_for(request: &PendingRequest, raw: RawIdToken) -> Result<IdToken> {
    let token = IdToken::decode(raw, &parse_json)?;
    let checked = token.check(&Expected {
        nonce: request.nonce.as_ref().map(|nonce| nonce.secret()),
        max_age: request.max_age(),
        ..expected()
    });
    step_up::check(request, token.claims.authentication(), checked)?;
    Ok(token)
}

/// A session of user `ada` with these scopes and a refresh token.
pub(crate) fn session(scope: &str) -> Session {
    let members = json!({
        "id_token": id_token(&claims("ada")),
        "refresh_token": "s3cr3t-refresh",
        "scope": scope,
        "expires_in": 3600,
    });
    exchange(None, &sign_in(scope), members).unwrap()
}

/// An upgrade of that session.
pub(crate) fn upgrade(session: &Session, wanted: &str) -> PendingRequest {
    upgrade_with(session, wanted, &AuthorizeOptions::default())
}

/// The same with further options.
pub(crate) fn upgrade_with(session: &Session, wanted: &str, options: &AuthorizeOptions) -> PendingRequest {
    let wanted = set(wanted);
    let requested = session.granted(&Target::default()).union(&wanted);
    asked(upgrading(&requested, &wanted, session.subject()), options)
}
