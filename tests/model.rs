//! Random sequences of requests and answers, in one tab or several: the client and a simple model of the contract say
//! the same after each.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "model/answers.rs"]
mod answers;
#[path = "client/app.rs"]
mod app;
#[path = "model/application.rs"]
mod application;
#[path = "model/events.rs"]
mod events;
#[path = "model/expected.rs"]
mod expected;
#[path = "client/host/mod.rs"]
mod host;
#[path = "common/random.rs"]
#[allow(dead_code, reason = "each test binary uses a part of this")]
mod random;
#[path = "client/server/mod.rs"]
mod server;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use application::{Application, read, scopes, targets};
use events::{Answer, Back, Event, Front, Said, Set, sequence};
use expected::Model;
use host::NOW;
use random::Random;
use scopewise::core::scope::Scope;
use scopewise::core::session::Session;
use scopewise::core::target::Target;
use scopewise::core::value::Value;
use scopewise::host::StorageKind;

const RUNS: u64 = 10_000;

/// How often each thing was said.
type Tally = BTreeMap<String, usize>;

/// What differs, if anything.
type Checked<T = ()> = Result<T, String>;

fn same<T: PartialEq + std::fmt::Debug>(what: &str, client: T, model: T) -> Checked {
    if client == model {
        return Ok(());
    }
    Err(format!("{what}: the client has {client:?}, the model {model:?}"))
}

/// Where a sequence is played.
#[derive(Clone)]
struct Site {
    targets: Rc<Vec<Target>>,
    kind: StorageKind,
    tabs: usize,
    seed: u64,
}

/// The client in its tabs, and the model.
struct Pair {
    application: Application,
    model: Model,
    /// The ids of the sessions that the model numbers.
    ids: BTreeMap<usize, String>,
}

/// Plays the events: the number of the one after which client and model differ, and how.
fn play(site: &Site, events: &[Event], tally: &mut Tally) -> Result<(), (usize, String)> {
    let mut pair = Pair {
        application: Application::new(&site.targets, site.kind, site.tabs, site.seed),
        model: Model::new((NOW / 1000.0) as i64),
        ids: BTreeMap::new(),
    };
    let browser = pair.application.browser.clone();
    let mut result = Ok(());
    for (index, event) in events.iter().enumerate() {
        let attempt = catch_unwind(AssertUnwindSafe(|| pair.step(event)));
        let said = attempt.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or(panic.downcast_ref::<&str>().copied());
            Err(text.unwrap_or("a panic").to_owned())
        });
        match said {
            Ok(said) => *tally.entry(said).or_default() += 1,
            Err(difference) => {
                result = Err((index, difference));
                break;
            }
        }
    }
    drop(pair);
    browser.close();
    result
}

impl Pair {
    /// One event for both. A name for what it came to.
    fn step(&mut self, event: &Event) -> Checked<String> {
        let (before, now) = (self.application.session(), self.application.now());
        let text = self.application.stored();
        let expected = self.model.take(event);
        let said = self.application.take(event);
        same("what it comes to", &said, &expected)?;

        let may_change = match event {
            Event::SignOut => true,
            Event::Answer(Answer { front, back, .. }) => {
                matches!((front, back, &said), (Front::Code, Back::Tokens(_), Said::Came(_)))
            }
            _ => false,
        };
        let after = self.application.session();
        let is_changed = self.application.stored() != text;
        if is_changed && !may_change {
            // Not a byte of it, but for the note of a no, which takes nothing from those before.
            let (was, is) = (parts(before.as_deref()), parts(after.as_deref()));
            same("the session", &is.0, &was.0)?;
            let is_note = matches!((event, &said), (Event::Answer(_), Said::Came(_)));
            if !is_note || !was.1.iter().all(|denied| is.1.contains(denied)) {
                return Err(format!("denied: there were {:?}, and are {:?}", was.1, is.1));
            }
        }
        // What the checks say depends on these only, and a status not on the time.
        if is_changed || may_change || now != self.application.now() {
            self.compare(after.as_deref())?;
        }
        if is_changed || may_change {
            self.statuses()?;
        }
        Ok(match said {
            Said::Came(outcome) => format!("{} {}", outcome.kind, outcome.verdict),
            Said::Failed(code) => code,
            Said::Sent(_) => "sent".to_owned(),
            Said::Nothing => "nothing".to_owned(),
        })
    }

    /// Every scope's status for every target.
    fn statuses(&self) -> Checked {
        let client = &self.application.tab().client;
        for (index, target) in self.application.targets.iter().enumerate() {
            for (scope, name) in Set::ALL.each() {
                let status = client.scope_status(&Scope::parse(name).unwrap(), Some(target)).unwrap();
                let expected = self.model.status(index, scope);
                same(
                    &format!("scopeStatus {name} of target {index}"),
                    status.as_str(),
                    expected,
                )?;
            }
        }
        Ok(())
    }

    /// Every check of what is there, for every scope and target.
    fn compare(&mut self, session: Option<&Session>) -> Checked {
        let expected = self.model.session.as_ref();
        let user = session.map(Session::subject);
        same("the user", user, expected.map(|session| session.user))?;
        if let Some((session, expected)) = session.zip(expected) {
            let id = self
                .ids
                .entry(expected.number)
                .or_insert_with(|| session.id().to_owned());
            same("the session's id", session.id(), id)?;
            let others = self.ids.values().filter(|id| *id == session.id());
            same("sessions with this id", others.count(), 1)?;
        }
        let grants = expected.map_or(0, |session| session.grants.len());
        same("grants", session.map_or(0, |session| session.grants().len()), grants)?;
        let targets = self.application.targets.clone();
        let mut targets = targets.iter().enumerate();
        targets.try_for_each(|(index, target)| self.compare_target(session, index, target))
    }

    fn compare_target(&self, session: Option<&Session>, index: usize, target: &Target) -> Checked {
        let client = &self.application.tab().client;
        let of = |what: &str| format!("{what} of target {index}");
        let has = |name: &str| {
            let scope = scopes(Set::of(name));
            client.has_scope(&scope, Some(target)).unwrap()
        };
        let held = Set::ALL.each().filter(|(_, name)| has(name));
        let held = held.fold(Set(0), |set, (scope, _)| set.or(scope));
        same(&of("hasScope"), held, self.model.held(index))?;
        let missing = client.missing_scopes(&scopes(Set::ALL), Some(target)).unwrap();
        same(&of("missingScopes"), read(&missing), Set::ALL.without(held))?;
        let grant = session.and_then(|session| session.grant(target));
        let (Some(grant), Some(expected)) = (grant, self.model.grant(index)) else {
            return same(&of("grant"), grant.is_some(), self.model.grant(index).is_some());
        };
        same(&of("requested"), read(grant.requested()), expected.requested)?;
        same(&of("granted"), read(grant.granted()), expected.granted)?;
        same(&of("assumed"), read(grant.assumed()), expected.assumed)?;
        let denied = expected.requested.without(expected.granted);
        same(&of("denied"), read(&grant.denied()), denied)?;
        same(&of("expiry"), grant.expires_at(), expected.until)?;
        let token = format!("s3cr3t-{}", expected.token);
        same(&of("token"), grant.access_token().secret(), &token)
    }
}

/// A session's record without what was denied in it, and that: target and scope, one by one.
fn parts(session: Option<&Session>) -> (String, Vec<String>) {
    let mut record = session.map_or(Value::Null, Session::to_value);
    let mut denied = Vec::new();
    if let Value::Object(members) = &mut record {
        let place = members.iter().position(|(name, _)| name == "denied").unwrap();
        let (_, entries) = members.remove(place);
        let entries = serde_json::to_value(&entries).unwrap();
        for entry in entries.as_array().unwrap() {
            let scopes = entry["scopes"].as_array().unwrap().iter();
            denied.extend(scopes.map(|scope| format!("{} {scope}", entry["target"])));
        }
    }
    (serde_json::to_string(&record).unwrap(), denied)
}

/// The shortest sequence that still fails, found by leaving out events one by one.
fn shrunk(site: &Site, mut events: Vec<Event>, mut failure: (usize, String)) -> (Vec<Event>, String) {
    let mut index = 0;
    events.truncate(failure.0 + 1);
    while index < events.len() {
        let mut fewer = events.clone();
        fewer.remove(index);
        match play(site, &fewer, &mut Tally::new()) {
            Err(other) => {
                failure = other;
                events = fewer;
                events.truncate(failure.0 + 1);
                index = 0;
            }
            Ok(()) => index += 1,
        }
    }
    (events, failure.1)
}

/// Everything that a sequence can come to.
const SAYINGS: [&str; 22] = [
    "access_denied",
    "callback_consumed",
    "id_token_invalid",
    "insufficient_user_authentication",
    "invalid_grant",
    "invalid_scope_syntax",
    "issuer_mismatch",
    "network",
    "not_signed_in",
    "nothing",
    "sent",
    "server_error",
    "sign-in denied",
    "sign-in granted",
    "sign-in partial",
    "subject_mismatch",
    "token_response_lost",
    "transaction_expired",
    "transaction_missing",
    "upgrade denied",
    "upgrade granted",
    "upgrade partial",
];

fn run(targets: &Rc<Vec<Target>>, number: u64, tally: &mut Tally) {
    let seed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut random = Random(seed);
    let events = sequence(&mut random);
    let (kind, tabs) = match random.below(4) {
        0 => (StorageKind::Session, 1),
        1 => (StorageKind::IndexedDb, 1),
        _ => (StorageKind::Local, 1 + random.below(4)),
    };
    let targets = targets.clone();
    let site = Site {
        targets,
        kind,
        tabs,
        seed,
    };
    *tally.entry(format!("{kind:?} in {tabs}")).or_default() += 1;
    if let Err(failure) = play(&site, &events, tally) {
        let (events, difference) = shrunk(&site, events, failure);
        panic!("seed {seed:#x}, {kind:?} in {tabs} tabs: {difference}\nafter {events:#?}");
    }
}

/// Two tests, for two processors: odd seeds and even ones.
fn half(first: u64) {
    let (targets, mut tally) = (targets(), Tally::new());
    for number in (first..=RUNS).step_by(2) {
        run(&targets, number, &mut tally);
    }
    // Agreement on nothing would prove nothing.
    let is_rare = |saying: &&&str| tally.get(**saying).is_none_or(|count| *count < 20);
    let rare: Vec<_> = SAYINGS.iter().filter(is_rare).collect();
    assert!(rare.is_empty(), "hardly ever: {rare:?} in {tally:#?}");
}

#[test]
fn the_client_agrees_with_a_simple_model() {
    half(1);
}

#[test]
fn the_client_agrees_with_a_simple_model_again() {
    half(2);
}
