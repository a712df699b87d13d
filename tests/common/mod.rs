//! What several tests need: JSON as the host would parse it, sample requests and answers, and the steps of the client.
#![allow(dead_code, reason = "each test binary uses a part of this")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod random;
mod table;

#[allow(unused_imports, reason = "each test binary uses a part of this")]
pub(crate) use {
    random::Random,
    table::{assert_all_run, cases, rows, vectors},
};

use scopewise::core::authorize::{self, AuthorizationRequest, Entropy, Purpose, RequestOptions};
use scopewise::core::base64url;
use scopewise::core::document::Document;
use scopewise::core::error::{Error, Result};
use scopewise::core::form::{self, Fields, Form};
use scopewise::core::grant::{Grant, Target};
use scopewise::core::http::Response;
use scopewise::core::id_token::{self, Expected, IdToken};
use scopewise::core::metadata::Metadata;
use scopewise::core::options::Options;
use scopewise::core::scope::ScopeSet;
use scopewise::core::secret::Secret;
use scopewise::core::session::{self, Event, Session};
use scopewise::core::text::Text;
use scopewise::core::token::{self, TokenResponse};
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

/// A JSON object as the host hands it over: flat, each name behind a letter for its type. Nothing for other values.
pub(crate) fn document(json: &Value) -> Option<Document> {
    let mut form = Form::default();
    for (name, member) in json.as_object()? {
        let mut put = |kind: &str, text: &str| form.put(&[kind, name].concat(), text);
        match member {
            Value::String(text) => put("s", text),
            Value::Bool(flag) => put("b", &flag.to_string()),
            Value::Number(number) => put("n", &whole(number.as_f64().unwrap())),
            Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_string) => {
                items.iter().for_each(|item| put("a", item.as_str().unwrap()));
            }
            _ => put("x", ""),
        }
    }
    Some(Document::from(form))
}

/// A number cut to whole units, as JavaScript writes it.
fn whole(number: f64) -> String {
    if number.abs() < 1e21 {
        format!("{:.0}", number.floor())
    } else {
        format!("{number:e}")
    }
}

/// The host's parser.
pub(crate) fn parse_json(text: &str) -> Option<Document> {
    document(&serde_json::from_str(text).ok()?)
}

pub(crate) fn set(text: &str) -> ScopeSet {
    ScopeSet::parse(text).unwrap()
}

/// A form of these members.
pub(crate) fn form(members: &[(&str, &str)]) -> Form {
    let mut form = Form::default();
    for (name, text) in members {
        form.put(name, text);
    }
    form
}

pub(crate) fn options(members: &[(&str, &str)]) -> Result<Options> {
    let sample = [("clientId", CLIENT), ("issuer", ISSUER), ("redirectUri", "/callback")];
    // A later member of a name has the last word.
    let form = form(&[&sample, members].concat());
    Options::parse(form.fields(), None, ORIGIN)
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

pub(crate) fn purpose(scope: &str) -> Purpose {
    Purpose {
        kind: Kind::SignIn,
        scope: set(scope),
        wanted: set(scope),
        subject: None,
        login_hint: None,
        return_to: "/".into(),
    }
}

pub(crate) fn request_options(members: &[(&str, &str)]) -> Result<RequestOptions> {
    RequestOptions::parse(form(members).fields())
}

/// A request, built.
pub(crate) fn build(
    client: &Options,
    metadata: &Metadata,
    options: RequestOptions,
    purpose: Purpose,
    now: i64,
) -> Result<AuthorizationRequest> {
    authorize::request(client, metadata, &options, &purpose, &entropy(), now)
}

/// A sign-in request of the sample client.
pub(crate) fn request(options: RequestOptions, scope: &str) -> AuthorizationRequest {
    build(&client(), &metadata(), options, purpose(scope), NOW).unwrap()
}

/// The parameters of a URL, in order.
pub(crate) fn params(url: &str) -> Vec<(String, String)> {
    members(url::parts(url).0)
}

/// The members of a form, in order.
pub(crate) fn members(form: &str) -> Vec<(String, String)> {
    let owned = |pair| {
        (
            form::name(pair).as_str().to_owned(),
            form::text(pair).as_str().to_owned(),
        )
    };
    Fields(form).pairs().map(owned).collect()
}

pub(crate) fn param(url: &str, name: &str) -> Option<String> {
    params(url)
        .into_iter()
        .find(|(held, _)| held == name)
        .map(|(_, text)| text)
}

pub(crate) fn target(members: &[(&str, &str)]) -> Target {
    Target::parse(form(members).fields()).unwrap().unwrap()
}

/// The transaction of a request for this.
pub(crate) fn asked(purpose: Purpose, options: &[(&str, &str)]) -> Transaction {
    let options = request_options(options).unwrap();
    build(&client(), &metadata(), options, purpose, NOW)
        .unwrap()
        .transaction
}

pub(crate) fn sign_in(scope: &str) -> Transaction {
    asked(purpose(scope), &[])
}

/// A token answer as the endpoint sends it.
pub(crate) fn answer(status: u16, json: Option<&Value>) -> Result<TokenResponse> {
    token::response(&Response {
        status,
        json: json.and_then(document),
    })
}

/// A success answer with these members besides the required ones.
pub(crate) fn token_body(members: Value) -> Value {
    let mut body = json!({ "access_token": "s3cr3t-access", "token_type": "Bearer" });
    for (name, member) in members.as_object().unwrap() {
        body[name] = member.clone();
    }
    body
}

pub(crate) fn granted(requested: &str, members: Value) -> Grant {
    let answer = answer(200, Some(&token_body(members))).unwrap();
    Grant::new(Target::default(), set(requested), answer, NOW)
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
    let (header, claims) = id_token::decode(raw)?;
    let parse = |text: &str| parse_json(text).ok_or_else(id_token::malformed);
    let claims = parse(&claims)?;
    id_token::check(&parse(&header)?, &claims, expected)?;
    Ok(IdToken {
        raw: Secret::new(raw),
        claims,
    })
}

/// From the token answer to the session, in the order that keeps the old one until all is checked.
pub(crate) fn exchange(before: Option<&Session>, transaction: &Transaction, body: Value) -> Result<Session> {
    let answer = answer(200, Some(&token_body(body)))?;
    let id_token = match &answer.id_token {
        Some(raw) => {
            let nonce = transaction.nonce();
            Some(verified(
                raw.secret(),
                &Expected {
                    nonce: nonce.as_deref(),
                    max_age: transaction.max_age(),
                    ..expected()
                },
            )?)
        }
        None if answer.promises_id_token(transaction) => return Err(id_token::malformed()),
        None => None,
    };
    let grant = Grant::new(transaction.target(), transaction.requested(), answer, NOW);
    let event = Event {
        transaction,
        grant,
        id_token,
        id: "session-2".into(),
    };
    session::apply(before, event).map_err(|refusal| refusal.error)
}

/// A session of user `ada` with these scopes and a refresh token.
pub(crate) fn session(scope: &str) -> Session {
    let body = json!({ "id_token": id_token(&claims("ada")), "refresh_token": "s3cr3t-refresh", "scope": scope, "expires_in": 3600 });
    let mut session = exchange(None, &sign_in(scope), body).unwrap();
    session.id = "session-1".into();
    session
}

/// An upgrade of that session.
pub(crate) fn upgrade(session: &Session, wanted: &str) -> Transaction {
    upgrade_with(session, wanted, &[])
}

/// The same with further options.
pub(crate) fn upgrade_with(session: &Session, wanted: &str, options: &[(&str, &str)]) -> Transaction {
    let held = &session.grant(&Target::default()).unwrap().granted;
    asked(upgrading(held.union(&set(wanted)), wanted, session.subject()), options)
}

pub(crate) fn upgrading(scope: ScopeSet, wanted: &str, subject: Option<Text>) -> Purpose {
    Purpose {
        kind: Kind::Upgrade,
        scope,
        wanted: set(wanted),
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
            error.code_str().as_str().to_owned()
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
            error.detail("reason").unwrap().as_str().to_owned()
        }
    }
}

pub(crate) fn assert_discreet(error: &Error) {
    assert_no_secret(&format!("{error:?} {error} {:?}", error.to_text()));
}

pub(crate) fn assert_no_secret(text: &str) {
    assert!(!text.contains(MARK), "a secret leaked: {text}");
}

pub(crate) fn is_retryable(error: &Error) -> bool {
    error.detail("retryable").is_some()
}
