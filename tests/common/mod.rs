//! What several tests need: JSON as the host would parse it, sample requests and answers, and the steps of the client.
#![allow(dead_code, reason = "each test binary uses a part of this")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod host;
mod random;
mod table;

#[allow(unused_imports, reason = "each test binary uses a part of this")]
pub(crate) use {
    host::{document, parse_json},
    random::Random,
    table::{assert_all_run, cases, rows, vectors},
};

use scopewise::core::authorize::{AuthorizationRequest, Draft, Entropy, Purpose, RequestOptions};
use scopewise::core::base64url;
use scopewise::core::document::Document;
use scopewise::core::error::{Error, Result};
use scopewise::core::form;
use scopewise::core::grant::{self, Grant, Target};
use scopewise::core::http::Response;
use scopewise::core::id_token::{self, Expected, IdToken};
use scopewise::core::metadata::Metadata;
use scopewise::core::options::Options;
use scopewise::core::profile::Profile;
use scopewise::core::record::{Fields, Record};
use scopewise::core::scope::{self, ScopeSet};
use scopewise::core::secret::Secret;
use scopewise::core::session::{self, Event, Session};
use scopewise::core::step_up;
use scopewise::core::token;
use scopewise::core::transaction::{Kind, Transaction};
use scopewise::core::url;
use serde_json::{Value, json};

/// A moment in 2023, seconds since the epoch.
pub(crate) const NOW: i64 = 1_700_000_000;
pub(crate) const ISSUER: &str = "https://id.example";
pub(crate) const CLIENT: &str = "app";
pub(crate) const ORIGIN: &str = "https://app.example";
pub(crate) const CALLBACK: &str = "https://app.example/callback";
/// What the sample requests have for a nonce.
pub(crate) const NONCE: &str = "s3cr3t-nonceAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// Every secret of the samples and vectors holds this text, and nothing else does.
pub(crate) const MARK: &str = "s3cr3t";

pub(crate) fn set(text: &str) -> ScopeSet {
    ScopeSet::parse(text).unwrap()
}

/// A record of these members.
pub(crate) fn record(members: &[(&str, &str)]) -> Record {
    let mut record = Record::default();
    for (name, text) in members {
        record.put(name, text);
    }
    record
}

pub(crate) fn options(members: &[(&str, &str)]) -> Result<Options> {
    let sample = [("clientId", CLIENT), ("issuer", ISSUER), ("redirectUri", "/callback")];
    // The first member of a name has the only word.
    let record = record(&[members, &sample].concat());
    Options::parse(record.fields(), None, ORIGIN)
}

pub(crate) fn client() -> Options {
    options(&[]).unwrap()
}

pub(crate) fn metadata_document() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://id.example/authorize",
        "token_endpoint": "https://id.example/token",
        "revocation_endpoint": "https://id.example/revoke",
        "end_session_endpoint": "https://id.example/logout",
    })
}

/// The sample metadata, and one member more.
pub(crate) fn metadata_with(name: &str, member: Value) -> Metadata {
    let mut sample = metadata_document();
    sample[name] = member;
    Metadata::parse(document(&sample).unwrap()).unwrap()
}

pub(crate) fn metadata() -> Metadata {
    Metadata::parse(document(&metadata_document()).unwrap()).unwrap()
}

/// 256 bits that are this text in base64url, then `A`s.
fn random(text: &str) -> [u8; 32] {
    base64url::decode(&format!("{text:A<43}")).unwrap().try_into().unwrap()
}

pub(crate) fn entropy() -> Entropy {
    ["s3cr3t-state", "s3cr3t-nonce", "s3cr3t-verifier"].map(random)
}

pub(crate) fn purpose(scope: &str) -> Purpose<'_> {
    Purpose {
        kind: Kind::SignIn,
        scope,
        wanted: scope,
        subject: None,
        login_hint: None,
        return_to: "/",
    }
}

pub(crate) fn request_options(record: &Record) -> Result<RequestOptions<'_>> {
    RequestOptions::parse(record.fields())
}

/// A request with these options, built.
pub(crate) fn build(
    client: &Options,
    metadata: &Metadata,
    options: &[(&str, &str)],
    purpose: Purpose<'_>,
    now: i64,
) -> Result<AuthorizationRequest> {
    let record = record(options);
    Draft::new(client, &request_options(&record)?, &purpose)?.request(client, metadata, &entropy(), now)
}

/// A sign-in request of the sample client.
pub(crate) fn request(options: &[(&str, &str)], scope: &str) -> AuthorizationRequest {
    build(&client(), &metadata(), options, purpose(scope), NOW).unwrap()
}

/// The parameters of a URL, in order.
pub(crate) fn params(url: &str) -> Vec<(String, String)> {
    pairs(url::parts(url).0)
}

/// The pairs of a form, in order.
pub(crate) fn pairs(form: &str) -> Vec<(String, String)> {
    let owned = |pair| {
        (
            form::name(pair).as_str().to_owned(),
            form::text(pair).as_str().to_owned(),
        )
    };
    form::pairs(form).map(owned).collect()
}

/// The members of a record, in order.
pub(crate) fn members(record: &str) -> Vec<(&str, &str)> {
    Fields(record)
        .members()
        .map(|member| member.split_once('=').unwrap())
        .collect()
}

pub(crate) fn param(url: &str, name: &str) -> Option<String> {
    params(url)
        .into_iter()
        .find(|(held, _)| held == name)
        .map(|(_, text)| text)
}

pub(crate) fn target(members: &[(&str, &str)]) -> Target {
    Target::parse(record(members).fields()).unwrap().unwrap()
}

/// The transaction of a request for this.
pub(crate) fn asked(purpose: Purpose<'_>, options: &[(&str, &str)]) -> Transaction {
    build(&client(), &metadata(), options, purpose, NOW)
        .unwrap()
        .transaction
}

pub(crate) fn sign_in(scope: &str) -> Transaction {
    asked(purpose(scope), &[])
}

/// A token answer as the endpoint sends it.
pub(crate) fn answer(status: u16, json: Option<&Value>) -> Response {
    Response {
        status,
        json: json.and_then(document),
    }
}

/// A success answer with these members besides the required ones.
pub(crate) fn token_body(members: Value) -> Value {
    let mut body = json!({ "access_token": "s3cr3t-access", "token_type": "Bearer" });
    for (name, member) in members.as_object().unwrap() {
        body[name] = member.clone();
    }
    body
}

/// A nameless session with the grant of an answer with these members. Its ID token is evidence only, and not looked at.
pub(crate) fn granted(requested: &str, members: Value) -> Session {
    ledger(requested, &answer(200, Some(&token_body(members))))
}

/// The same for any answer.
pub(crate) fn ledger(requested: &str, answer: &Response) -> Session {
    let event = Event {
        transaction: Some(&sign_in(requested)),
        grant: grant::record(
            Profile::default(),
            &Target::default(),
            requested,
            &token::response(answer).unwrap(),
            NOW,
        ),
        id_token: None,
        id: "session-0".into(),
    };
    session::apply(None, event).unwrap()
}

/// The grant of a session's default target.
pub(crate) fn the_grant(session: &Session) -> Grant<'_> {
    session.grant(&Target::default()).unwrap()
}

/// The claims of a sound ID token.
pub(crate) fn claims(sub: &str) -> Value {
    json!({ "iss": ISSUER, "aud": CLIENT, "sub": sub, "nonce": NONCE, "iat": NOW, "exp": NOW + 300 })
}

pub(crate) fn jwt(header: &Value, claims: &Value) -> String {
    let segment = |json: &Value| base64url::encode(json.to_string().as_bytes()).as_str().to_owned();
    let signature = base64url::encode(b"s3cr3t signature");
    [&segment(header), ".", &segment(claims), ".", &signature].concat()
}

pub(crate) fn id_token(claims: &Value) -> String {
    jwt(&json!({ "alg": "RS256" }), claims)
}

pub(crate) fn expected() -> Expected<'static> {
    Expected {
        issuer: ISSUER,
        client_id: CLIENT,
        nonce: Some(NONCE),
        max_age: None,
        tolerance: 60,
        now: NOW,
    }
}

/// Decodes and checks an ID token.
pub(crate) fn verified(raw: &str, expected: &Expected<'_>) -> Result<IdToken> {
    checked(raw, expected, |_, checked| checked)
}

/// The same with a last word about the result.
fn checked(raw: &str, expected: &Expected<'_>, judge: impl Fn(&Document, Result<()>) -> Result<()>) -> Result<IdToken> {
    let (header, json) = id_token::decode(raw)?;
    let parse = |text: &str| parse_json(text).ok_or_else(id_token::malformed);
    let (header, claims) = (parse(&header)?, parse(&json)?);
    judge(&claims, id_token::check(&header, &claims, expected))?;
    Ok(IdToken {
        raw: Secret::new(raw),
        json,
        claims,
    })
}

/// From the token answer to the session, in the order that keeps the old one until all is checked.
pub(crate) fn exchange(before: Option<&Session>, transaction: &Transaction, body: Value) -> Result<Session> {
    let answer = answer(200, Some(&token_body(body)));
    let response = token::response(&answer)?;
    let expected = Expected {
        nonce: transaction.nonce(),
        max_age: transaction.max_age(),
        ..expected()
    };
    let judge = |claims: &Document, checked| step_up::check(transaction, claims, checked);
    let id_token = match response.id_token {
        Some(raw) => Some(checked(raw, &expected, judge)?),
        None if response.promises_id_token(transaction) => return Err(id_token::malformed()),
        None => judge(&Document::default(), Ok(())).map(|()| None)?,
    };
    let event = Event {
        transaction: Some(transaction),
        grant: grant::record(
            Profile::default(),
            &transaction.target(),
            transaction.requested(),
            &response,
            NOW,
        ),
        id_token,
        id: before.map_or("session-1", |_| "session-2").into(),
    };
    session::apply(before, event).map_err(|refusal| refusal.error)
}

/// An answer to the sample session's user.
pub(crate) fn answered(members: Value) -> Value {
    let mut body = json!({ "id_token": id_token(&claims("ada")), "access_token": "s3cr3t-new-access" });
    for (name, member) in members.as_object().unwrap() {
        body[name] = member.clone();
    }
    body
}

/// A session of user `ada` with these scopes and a refresh token.
pub(crate) fn session(scope: &str) -> Session {
    let body = json!({ "id_token": id_token(&claims("ada")), "refresh_token": "s3cr3t-refresh", "scope": scope, "expires_in": 3600 });
    exchange(None, &sign_in(scope), body).unwrap()
}

/// An upgrade of that session.
pub(crate) fn upgrade(session: &Session, wanted: &str) -> Transaction {
    upgrade_with(session, wanted, &[])
}

/// The same with further options.
pub(crate) fn upgrade_with(session: &Session, wanted: &str, options: &[(&str, &str)]) -> Transaction {
    let scope = scope::union(session.granted(&Target::default()), wanted);
    asked(upgrading(&scope, wanted, session.subject()), options)
}

pub(crate) fn upgrading<'a>(scope: &'a str, wanted: &'a str, subject: Option<&'a str>) -> Purpose<'a> {
    Purpose {
        kind: Kind::Upgrade,
        scope,
        wanted,
        subject,
        ..purpose("")
    }
}

/// The code of a failure, and that it tells no secret.
pub(crate) fn code<T>(result: Result<T>) -> String {
    match result {
        Ok(_) => panic!("a failure was expected"),
        Err(error) => {
            assert_discreet(&error);
            error.code_str().to_owned()
        }
    }
}

/// The name of the failed ID token check.
pub(crate) fn reason<T>(result: Result<T>) -> String {
    match result {
        Ok(_) => panic!("a failure was expected"),
        Err(error) => {
            assert_discreet(&error);
            assert_eq!(error.code_str(), "id_token_invalid");
            error.detail("reason").unwrap().to_owned()
        }
    }
}

pub(crate) fn assert_discreet(error: &Error) {
    assert_no_secret(&format!("{error:?} {error} {:?}", error.to_text()));
}

pub(crate) fn assert_no_secret(text: &str) {
    assert!(!text.contains(MARK), "a secret leaked: {text}");
}
