//! A server that signs its users in, with the rules of scopewise and nothing else: no browser, no async runtime, and
//! whichever HTTP client you like. Run it with `cargo run --example server_callback`.
//!
//! The authorization server is a fake one in this process, so that the example runs to its end. With a real one, `send`
//! is your HTTP client, and entropy comes from your random generator as it does here.

mod authorization_server;

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::time::{SystemTime, UNIX_EPOCH};

use authorization_server::AuthorizationServer;
use scopewise::core::authorize::pkce::random_text;
use scopewise::core::end_session;
use scopewise::core::session::{Event, RefreshTokenUse};
use scopewise::core::token::code_request;
use scopewise::{
    AuthorizationParams, AuthorizationResponse, AuthorizeOptions, Callback, ClientOptions, Config, Error, Outcome,
    OutcomeStatus, PendingRequest, Request, RequestIntent, RequestKind, Response, ResponseMode, Result, ScopeStatus,
    ServerErrorCode, ServerMetadata, Session, StoredSession, Target, TokenEndpointAnswer, Transaction, Value,
};

const READ: &str = "read:appointments";
const WRITE: &str = "write:appointments";
const DELETE: &str = "delete:appointments";

/// The web application. A real one keeps `pending` and sessions where all of its processes see them.
struct App {
    config: Config,
    metadata: ServerMetadata,
    /// Requests that wait for their response, by `state`: as JSON text, as a database has them.
    pending: BTreeMap<String, String>,
    /// In place of the network.
    server: AuthorizationServer,
}

/// What a handler answers: where the browser goes, and the cookie that ties the response to this browser.
struct Redirect {
    url: String,
    cookie: String,
}

impl App {
    fn new(server: AuthorizationServer) -> Result<App> {
        let options = ClientOptions::new("web-app", authorization_server::ISSUER)
            .with_redirect_uri("/callback")
            .with_scope(["openid", READ, WRITE].join(" ").parse()?);
        Ok(App {
            config: Config::new(options, "https://app.example.com")?,
            metadata: ServerMetadata::parse(&server.metadata())?,
            pending: BTreeMap::new(),
            server,
        })
    }

    /// `GET /sign-in?next=…`: a link to there may be anybody's.
    fn sign_in(&mut self, next: &str) -> Result<Redirect> {
        let intent = RequestIntent::sign_in(self.config.scope.clone());
        self.redirect(intent.try_return_to(next, &self.config)?)
    }

    /// `GET /upgrade`, for a scope that a page misses.
    fn upgrade(&mut self, session: &Session, scope: &str) -> Result<Redirect> {
        self.redirect(session.upgrade_intent(&Target::default(), &scope.parse()?, now()))
    }

    fn redirect(&mut self, intent: RequestIntent) -> Result<Redirect> {
        let params = AuthorizationParams::new(&self.config, &AuthorizeOptions::default(), intent)?;
        let entropy = [random(), random(), random()];
        let mut request = params.request(&self.config, &self.metadata, &entropy, now())?;
        // Where the server requires it, the parameters go there first, and the URL refers to them.
        if let Some(push) = &request.push {
            let response = self.send(push);
            request.pushed(&response)?;
        }
        let cookie = request.state.secret().to_owned();
        let record = Transaction::from(request.pending).to_value();
        self.pending.insert(cookie.clone(), to_text(&record));
        Ok(Redirect {
            url: request.url,
            cookie,
        })
    }

    /// `GET /callback`: the session after it, and what was granted. `before` is the session of this browser, if it has
    /// one.
    fn callback(&mut self, query: &str, cookie: &str, before: Option<&Session>) -> Result<(Session, Outcome)> {
        let callback = Callback::parse(query, ResponseMode::Query)?;
        // Another browser's response, or one that was handled before, belongs to nobody here.
        let state = Some(callback.state.secret()).filter(|state| *state == cookie);
        let record = state.and_then(|state| self.pending.remove(state));
        let record = record.and_then(|text| Transaction::from_value(&parse_json(&text)?));
        let request = record.and_then(Transaction::into_pending);
        let request = request.ok_or(Error::TransactionMissing)?;
        if request.is_expired(now()) {
            return Err(Error::TransactionExpired);
        }
        let code = match (callback.check(&request, &self.config.expected_issuer)?, before) {
            (AuthorizationResponse::Code(code), _) => code,
            (AuthorizationResponse::Error(error), Some(before)) if is_denial(&request, &error) => {
                return denied(before, &request);
            }
            (AuthorizationResponse::Error(error), _) => return Err(self.config.provider.explain(error)),
            // A response of a kind that this version does not know.
            _ => return Err(Error::ResponseMalformed),
        };
        let response = self.send(&code_request(&self.metadata, &self.config.client_id, &request, &code));
        // A rejection may hold a token that nobody will use: a real application revokes it.
        let answer = self.answer(&response);
        let session = answer.session_after_code(&request, &code, before, random_text(&random()))?;
        let outcome = request.outcome(&session.granted(&request.target));
        Ok((session, outcome))
    }

    /// Another access token, where `Grant::is_fresh` says that it is time. One at a time for each session.
    fn renew(&self, session: &mut Session) -> Result<()> {
        let target = &Target::default();
        let grant = session.grant(target);
        let refresh = grant.and_then(|grant| grant.refresh_request(&self.config.provider));
        let refresh = refresh.ok_or(Error::LoginRequired)?;
        // Store this before the token leaves: it can be sent once. `Refresh::next_step` tells what to do if you die meanwhile.
        let sent = Session::apply(
            Some(session),
            Event::RefreshSent {
                target,
                at: now() * 1000,
            },
        )?;
        let response = self.send(&refresh.request(&self.metadata, &self.config.client_id));
        let renewed = self.answer(&response).session_after_refresh(target, &sent);
        let failure = renewed.as_ref().err().map(|rejected| rejected.error.clone());
        *session = match (renewed, RefreshTokenUse::of(&response), &failure) {
            (Ok(renewed), ..) => renewed,
            (_, RefreshTokenUse::Unused, _) => Session::apply(Some(&sent), Event::RefreshCancelled { target })?,
            (_, RefreshTokenUse::Refused, Some(error)) => {
                Session::apply(Some(&sent), Event::RefreshRefused { target, error })?
            }
            _ => sent,
        };
        failure.map_or(Ok(()), Err)
    }

    /// `POST /sign-out`: the session is forgotten first, its tokens are revoked, and the user goes there.
    fn sign_out(&self, session: Session) -> Option<String> {
        for request in end_session::revocations(&self.metadata, &self.config.client_id, &session) {
            self.send(&request);
        }
        let return_to = Some("https://app.example.com/");
        end_session::url(&self.metadata, &self.config, &session, return_to, &random())
    }

    fn answer<'a>(&'a self, response: &'a Response) -> TokenEndpointAnswer<'a> {
        TokenEndpointAnswer {
            config: &self.config,
            metadata: &self.metadata,
            response,
            key: None,
            now: now(),
            parse_json: &parse_json,
        }
    }

    /// Your HTTP client: a POST of `request.form`. A client with a secret adds it here (RFC 6749 §2.3.1).
    fn send(&self, request: &Request) -> Response {
        let (status, body) = self.server.answer(request);
        Response::new(status, parse_json(&body)).without_echo_of(request)
    }
}

/// Whether the user said no to an upgrade: then the session stays as it was.
fn is_denial(request: &PendingRequest, error: &Error) -> bool {
    let code = error.server_error().map(|error| &error.code);
    request.kind == RequestKind::Upgrade && code == Some(&ServerErrorCode::AccessDenied)
}

/// The session remembers the no.
fn denied(before: &Session, request: &PendingRequest) -> Result<(Session, Outcome)> {
    request.check_denial(Some(before), None, false)?;
    let outcome = request.outcome_of_denial(&before.granted(&request.target));
    let event = Event::Denied {
        target: &request.target,
        scopes: &outcome.missing,
    };
    Ok((Session::apply(Some(before), event)?, outcome))
}

fn parse_json(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

fn to_text(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A session from where it was stored as text, unless that is no session.
fn stored(text: &str) -> Result<Session> {
    match StoredSession::from_value(parse_json(text).as_ref()) {
        StoredSession::Sound(session) => Ok(session),
        _ => Err(Error::NotSignedIn),
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    // Without randomness there is no sign-in.
    assert!(
        getrandom::fill(&mut bytes).is_ok(),
        "the system has no random generator"
    );
    bytes
}

fn main() -> Result<(), Box<dyn StdError>> {
    let mut app = App::new(AuthorizationServer::default())?;
    let target = Target::default();

    // The user signs in, and does not want the application to write.
    let redirect = app.sign_in("/calendar")?;
    let query = app.server.user_allows(&redirect.url, &["openid", READ]);
    let (session, outcome) = app.callback(&query, &redirect.cookie, None)?;
    assert_eq!(session.subject(), Some("ada"));
    assert_eq!(outcome.return_to, "/calendar");
    assert_eq!(outcome.status, OutcomeStatus::Partial);
    assert!(session.has(&READ.parse()?, &target, now()));
    assert_eq!(session.status(&target, WRITE), ScopeStatus::Denied);

    // The same response again, and one in another browser, are nobody's.
    let replayed = app.callback(&query, &redirect.cookie, None);
    assert_eq!(replayed.err(), Some(Error::TransactionMissing));
    let redirect = app.sign_in("/")?;
    let query = app.server.user_allows(&redirect.url, &["openid", READ]);
    let stolen = app.callback(&query, "another browser's cookie", None);
    assert_eq!(stolen.err(), Some(Error::TransactionMissing));
    // So is one of another authorization server (RFC 9207).
    let forged = query.replace("iss=https%3A%2F%2Fid.example.com", "iss=https%3A%2F%2Fevil.example");
    let forged = app.callback(&forged, &redirect.cookie, None);
    assert_eq!(forged.err(), Some(Error::IssuerMismatch));
    // Nor does a sign-in lead to another site.
    let lure = app.sign_in("//evil.example").map(|redirect| redirect.url);
    assert_eq!(lure.err(), Some(Error::InvalidReturnTo));

    // Later the user wants to write after all: the same session, with more scopes.
    let redirect = app.upgrade(&session, WRITE)?;
    let query = app.server.user_allows(&redirect.url, &["openid", READ, WRITE]);
    let (upgraded, outcome) = app.callback(&query, &redirect.cookie, Some(&session))?;
    assert_eq!(outcome.status, OutcomeStatus::Granted);
    assert_eq!(upgraded.id(), session.id());
    assert!(upgraded.has(&[READ, WRITE].join(" ").parse()?, &target, now()));

    // A no is an outcome, and the session stays.
    let redirect = app.upgrade(&upgraded, DELETE)?;
    let query = app.server.user_denies(&redirect.url);
    let (session, outcome) = app.callback(&query, &redirect.cookie, Some(&upgraded))?;
    assert_eq!(outcome.status, OutcomeStatus::Denied);
    assert_eq!(session.status(&target, DELETE), ScopeStatus::Denied);
    assert_eq!(session.granted(&target), upgraded.granted(&target));
    assert_eq!(
        app.server.exchanges(),
        2,
        "one for each code, and none for those that were refused"
    );

    // Later still, in another process, the session is read again, and its token renewed. A refresh token is for one use.
    let mut session = stored(&to_text(&session.to_value()))?;
    let former = session.clone();
    app.renew(&mut session)?;
    assert_ne!(session.grant(&target), former.grant(&target));
    assert_eq!(session.granted(&target), former.granted(&target));
    let mut reused = former;
    let refused = app.renew(&mut reused);
    assert_eq!(
        refused.map_err(|error| error.code().to_owned()),
        Err("invalid_grant".to_owned())
    );

    // Signing out ends all of it.
    let url = app.sign_out(session.clone()).unwrap_or_default();
    assert!(url.starts_with("https://id.example.com/sign-out?client_id=web-app&id_token_hint="));
    assert!(app.renew(&mut session).is_err());
    Ok(())
}

#[test]
fn it_runs_to_its_end() -> Result<(), Box<dyn StdError>> {
    main()
}
