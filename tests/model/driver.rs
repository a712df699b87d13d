//! The client without a browser: the core's functions in the order in which src/client calls them.

use std::collections::BTreeMap;

use scopewise::core::authorize::{Draft, Purpose, RequestOptions};
use scopewise::core::callback::{self, Answer as Checked};
use scopewise::core::document::Document;
use scopewise::core::error::{Code, Error, Result};
use scopewise::core::grant::{self, Grant, ScopeStatus, Target};
use scopewise::core::http::{Failure, Response};
use scopewise::core::id_token::{self, Expected, IdToken};
use scopewise::core::metadata::Metadata;
use scopewise::core::options::Options;
use scopewise::core::outcome::{self, Verdict};
use scopewise::core::scope;
use scopewise::core::secret::Secret;
use scopewise::core::session::{self, Event as Change, Session, Stored};
use scopewise::core::step_up;
use scopewise::core::token::{self, TokenResponse};
use scopewise::core::transaction::{self, Kind, Mode, Status, Transaction};
use serde_json::json;

use super::events::{Answer, Ask, Back, Event, Front, Outcome, SCOPES, Said, Set, TARGETS, Way};
use super::server::{self, Wire};
use crate::common;

/// What stays the same over all runs.
pub(crate) struct Site {
    client: Options,
    metadata: Metadata,
    pub(crate) targets: Vec<Target>,
}

impl Site {
    pub(crate) fn new() -> Site {
        let target = |options: &&[(&str, &str)]| Target::parse(common::record(options).fields());
        Site {
            client: common::client(),
            metadata: common::metadata(),
            targets: TARGETS
                .iter()
                .map(|options| target(options).unwrap().unwrap_or_default())
                .collect(),
        }
    }
}

pub(crate) struct Driver<'a> {
    pub(crate) site: &'a Site,
    pub(crate) now: i64,
    pub(crate) session: Option<Session>,
    /// Records by state.
    transactions: BTreeMap<String, String>,
    wires: BTreeMap<usize, Wire>,
    /// Counts the token answers, whose tokens have this number.
    answers: usize,
}

/// The scopes of a text, each once.
pub(crate) fn read(text: &str) -> Set {
    let mut set = Set(0);
    for name in text.split(' ').filter(|name| !name.is_empty()) {
        assert!(SCOPES.contains(&name), "{name:?} is none of the scopes");
        let scope = Set::of(name);
        assert!(set.and(scope).is_empty(), "twice in {text:?}");
        set = set.or(scope);
    }
    set
}

impl Driver<'_> {
    pub(crate) fn new(site: &Site) -> Driver<'_> {
        Driver {
            site,
            now: common::NOW,
            session: None,
            transactions: BTreeMap::new(),
            wires: BTreeMap::new(),
            answers: 0,
        }
    }

    pub(crate) fn grant(&self, target: &Target) -> Option<Grant<'_>> {
        self.session.as_ref()?.grant(target)
    }

    /// What `hasScope` comes to with this grant.
    pub(crate) fn covers(&self, grant: Option<Grant<'_>>, scope: &str) -> bool {
        grant.is_some_and(|grant| grant.covers(scope) && grant.is_live(self.now))
    }

    /// What `scopeStatus` comes to with the grant of this target.
    pub(crate) fn status(&self, grant: Option<Grant<'_>>, target: &Target, scope: &str) -> ScopeStatus {
        let Some(session) = &self.session else {
            return ScopeStatus::NotRequested;
        };
        match grant.map(|grant| grant.status(scope)) {
            None | Some(ScopeStatus::NotRequested) if session.is_refused(target, scope) => ScopeStatus::Denied,
            status => status.unwrap_or(ScopeStatus::NotRequested),
        }
    }

    pub(crate) fn take(&mut self, event: &Event) -> Said {
        let said = match event {
            Event::Wait(seconds) => {
                self.now += seconds;
                Ok(Said::Nothing)
            }
            Event::SignOut => {
                self.session = None;
                Ok(Said::Nothing)
            }
            Event::Reload => {
                self.reload();
                Ok(Said::Nothing)
            }
            Event::Ask(ask) => self.ask(ask),
            Event::Answer(answer) => self.answer(answer),
        };
        said.unwrap_or_else(|error| {
            common::assert_discreet(&error);
            Said::Failed(error.code_str().to_owned())
        })
    }

    fn reload(&mut self) {
        if let Some(before) = self.session.take() {
            let stored = session::restore(before.to_record().into(), common::parse_json);
            let Stored::Session(after) = stored else {
                panic!("a session that was stored cannot be read")
            };
            assert!(after == before, "a session is another after it was stored");
            self.session = Some(after);
        }
    }

    fn ask(&mut self, ask: &Ask) -> Result<Said> {
        let scope = ask.scope.text();
        let mut options = vec![("scope", scope.as_str())];
        options.extend(TARGETS[ask.target]);
        options.extend(ask.strong.then_some(("acrValues", "gold")));
        options.extend((ask.way == Way::Silent).then_some(("mode", "silent")));
        let record = common::record(&options);
        let options = RequestOptions::parse(record.fields())?;
        let draft = match ask.way {
            Way::Upgrade => match self.upgrade(&options)? {
                Ok(draft) => draft,
                Err(outcome) => return Ok(Said::Came(came(&outcome))),
            },
            _ => self.sign_in(&options)?,
        };
        // Other bits for each request.
        let entropy = [1, 2, 3].map(|part| [ask.label as u8 * 3 + part; 32]);
        let request = draft.request(&self.site.client, &self.site.metadata, &entropy, self.now)?;
        let state = request.state.secret().to_owned();
        self.keep(&state, &request.transaction);
        let params = common::params(&request.url);
        let param = |wanted| {
            let found = params.iter().find(|(name, _)| name == wanted);
            found.map(|(_, text)| text.as_str())
        };
        let scope = read(param("scope").unwrap_or_default());
        assert_eq!(param("state"), Some(state.as_str()));
        for name in ["audience", "resource"] {
            let asked = TARGETS[ask.target].iter().find(|(held, _)| *held == name);
            assert_eq!(param(name), asked.map(|(_, text)| *text));
        }
        let nonce = param("nonce").map(str::to_owned);
        self.wires.insert(ask.label, Wire { state, nonce, scope });
        Ok(Said::Sent(scope))
    }

    fn sign_in(&self, options: &RequestOptions<'_>) -> Result<Draft> {
        let scope = options.scope.as_deref().unwrap_or(self.site.client.scope());
        let session = self.session.as_ref().filter(|_| options.mode == Some("silent"));
        let purpose = Purpose {
            kind: Kind::SignIn,
            wanted: scope,
            scope,
            subject: session.and_then(Session::subject),
            login_hint: session.and_then(Session::login_hint),
            return_to: "/",
        };
        Draft::new(&self.site.client, options, &purpose)
    }

    fn upgrade(&self, options: &RequestOptions<'_>) -> Result<Result<Draft, outcome::Outcome>> {
        let session = self.session.as_ref();
        let session = session.ok_or_else(|| Error::new(Code::NotSignedIn))?;
        let scopes = options.scope.as_deref().unwrap_or_default();
        let target = options.target.clone().unwrap_or_else(|| self.site.client.target());
        if scopes.is_empty() && !options.is_step_up() {
            return Err(scope::empty());
        }
        let (grant, held) = (session.grant(&target), session.granted(&target));
        let wanted = scope::only(scopes, &|scope| !self.covers(grant, scope));
        if wanted.is_empty() && !options.is_step_up() {
            return Ok(Err(outcome::Outcome::of_nothing_missing(scopes, held, "/", None)));
        }
        let subject = session.subject();
        let proof = scope::union(if subject.is_some() { "openid" } else { "" }, held);
        let purpose = Purpose {
            kind: Kind::Upgrade,
            scope: &scope::union(&proof, scopes),
            wanted: &wanted,
            subject,
            login_hint: session.login_hint(),
            return_to: "/",
        };
        Draft::new(&self.site.client, options, &purpose).map(Ok)
    }

    /// From the URL to the session, as src/client/landing.rs has it.
    fn answer(&mut self, answer: &Answer) -> Result<Said> {
        // The redirect went through another page.
        self.reload();
        let Some(wire) = self.wires.get(&answer.label) else {
            return Ok(Said::Nothing);
        };
        let rest = match answer.front {
            Front::Code => "code=s3cr3t-code",
            Front::Denied => "error=access_denied&scope=write",
            Front::ServerError => "error=server_error",
            Front::Forged => "code=s3cr3t-code&iss=https%3A%2F%2Fevil.example",
        };
        let response = callback::read(&format!("state={}&{rest}", wire.state), Mode::Query)?;
        let state = response.state.secret().to_owned();
        let transaction = self.transaction(&state).ok_or_else(transaction::missing)?;
        if transaction.is_expired(self.now) {
            self.transactions.remove(&state);
            return Err(transaction::expired());
        }
        let is_pending = transaction.status() == Status::Pending;
        let checked = is_pending.then(|| response.check(&transaction, self.site.client.issuer()));
        match (transaction.status(), checked.transpose()?) {
            (Status::InFlight, _) => Err(Failure::Lost.of_one_time()),
            (Status::Done, _) => {
                let session = self.session.as_ref();
                let result = transaction
                    .result()
                    .filter(|(_, id)| session.is_some_and(|session| session.id() == *id));
                Ok(Said::Came(came(&result.ok_or_else(transaction::consumed)?.0)))
            }
            (Status::Pending, Some(Checked::Code(_))) => self.exchange(&state, &transaction, answer),
            (_, Some(Checked::Refused(error))) => {
                if transaction.kind() != Kind::Upgrade || error.code() != Code::AccessDenied {
                    self.keep(&state, &transaction.done(None));
                    return Err(error);
                }
                let target = transaction.target();
                let held = self.session.as_ref().map_or("", |session| session.granted(&target));
                let outcome = outcome::Outcome::refused(&transaction, held);
                self.finish(&state, &transaction, Some(&outcome));
                let refused = |session: Session| session.refused(&target, outcome.missing());
                self.session = self.session.take().map(refused);
                Ok(Said::Came(came(&outcome)))
            }
            (Status::Pending, None) => unreachable!("it was checked"),
        }
    }

    fn exchange(&mut self, state: &str, transaction: &Transaction, answer: &Answer) -> Result<Said> {
        self.keep(state, &transaction.in_flight());
        let response = match answer.back {
            Back::PageDies => return Ok(Said::Nothing),
            Back::NotSent => Err(Failure::NotSent),
            Back::Lost => Err(Failure::Lost),
            Back::InvalidGrant => Ok(common::answer(400, Some(&json!({ "error": "invalid_grant" })))),
            Back::Tokens(tokens) => {
                self.answers += 1;
                Ok(server::tokens(
                    &self.wires[&answer.label],
                    &tokens,
                    self.answers,
                    self.now,
                ))
            }
        };
        let outcome = self
            .accept(transaction, response.map_err(Failure::of_one_time))
            .map(|after| {
                let outcome = outcome::Outcome::of(transaction, after.granted(&transaction.target()));
                self.session = Some(after);
                outcome
            });
        match &outcome {
            Err(error) if error.code() == Code::Network => self.keep(state, transaction),
            _ => self.finish(state, transaction, outcome.as_ref().ok()),
        }
        outcome.map(|outcome| Said::Came(came(&outcome)))
    }

    fn accept(&self, transaction: &Transaction, response: Result<Response>) -> Result<Session> {
        let response = response?;
        let answer = token::response(&response)?;
        let id_token = self.id_token_of(&answer, transaction)?;
        let change = Change {
            transaction: Some(transaction),
            grant: grant::record(
                self.site.client.profile(),
                &transaction.target(),
                transaction.requested(),
                &answer,
                self.now,
            ),
            id_token,
            id: format!("session-{}", self.answers).into(),
        };
        session::apply(self.session.as_ref(), change).map_err(|refusal| {
            let unused = answer.refresh_token.unwrap_or(answer.access_token);
            assert_eq!(refusal.unused.secret(), unused);
            refusal.error
        })
    }

    fn id_token_of(&self, answer: &TokenResponse<'_>, transaction: &Transaction) -> Result<Option<IdToken>> {
        let Some(raw) = answer.id_token else {
            if answer.promises_id_token(transaction) {
                return Err(id_token::malformed());
            }
            return step_up::check(transaction, &Document::default(), Ok(())).map(|()| None);
        };
        let (header, json) = id_token::decode(raw)?;
        let parsed = common::parse_json(&header).zip(common::parse_json(&json));
        let (header, claims) = parsed.ok_or_else(id_token::malformed)?;
        let expected = Expected {
            nonce: transaction.nonce(),
            max_age: transaction.max_age(),
            tolerance: self.site.client.clock_tolerance(),
            now: self.now,
            ..common::expected()
        };
        step_up::check(transaction, &claims, id_token::check(&header, &claims, &expected))?;
        Ok(Some(IdToken {
            raw: Secret::new(raw),
            json,
            claims,
        }))
    }

    fn transaction(&self, state: &str) -> Option<Transaction> {
        Transaction::parse(self.transactions.get(state)?.as_str().into())
    }

    fn keep(&mut self, state: &str, transaction: &Transaction) {
        self.transactions
            .insert(state.to_owned(), transaction.to_record().to_owned());
    }

    fn finish(&mut self, state: &str, transaction: &Transaction, outcome: Option<&outcome::Outcome>) {
        let done = transaction.done(outcome.zip(self.session.as_ref().map(Session::id)));
        self.keep(state, &done);
    }
}

fn came(outcome: &outcome::Outcome) -> Outcome {
    let is_upgrade = common::members(outcome.as_str()).contains(&("kind", "upgrade"));
    Outcome {
        kind: if is_upgrade { "upgrade" } else { "sign-in" },
        verdict: match outcome.verdict() {
            Verdict::Granted => "granted",
            Verdict::Partial => "partial",
            Verdict::Denied => "denied",
        },
        requested: read(outcome.requested()),
        granted: read(outcome.granted()),
        missing: read(outcome.missing()),
    }
}
