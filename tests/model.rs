//! Random sequences of requests and answers: the core and a simple model of the contract say the same after each.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;
#[path = "model/driver.rs"]
mod driver;
#[path = "model/events.rs"]
mod events;
#[path = "model/expected.rs"]
mod expected;
#[path = "model/server.rs"]
mod server;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use common::Random;
use driver::{Driver, Site, read};
use events::{Answer, Back, Event, Front, Said, Set, sequence};
use expected::Model;
use scopewise::core::scope;
use scopewise::core::session::Session;

const RUNS: u64 = 10_000;
/// All of SCOPES, as an application may ask for them.
const ALL: &str = "readwrite write Read read offline_access email profile openid";

/// How often each thing was said.
type Tally = BTreeMap<String, usize>;

/// What differs, if anything.
type Checked<T = ()> = Result<T, String>;

fn same<T: PartialEq + std::fmt::Debug>(what: &str, core: T, model: T) -> Checked {
    if core == model {
        return Ok(());
    }
    Err(format!("{what}: the core has {core:?}, the model {model:?}"))
}

/// Plays the events: the number of the one after which core and model differ, and how.
fn play(site: &Site, events: &[Event], tally: &mut Tally) -> Result<(), (usize, String)> {
    let (mut driver, mut model) = (Driver::new(site), Model::new(common::NOW));
    for (index, event) in events.iter().enumerate() {
        let attempt = catch_unwind(AssertUnwindSafe(|| step(&mut driver, &mut model, event)));
        let result = attempt.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or(panic.downcast_ref::<&str>().copied());
            Err(text.unwrap_or("a panic").to_owned())
        });
        let said = result.map_err(|difference| (index, difference))?;
        *tally.entry(said).or_default() += 1;
    }
    Ok(())
}

/// One event for both. A name for what it came to.
fn step(driver: &mut Driver<'_>, model: &mut Model, event: &Event) -> Checked<String> {
    let (before, now) = (driver.session.clone(), driver.now);
    let expected = model.take(event);
    let said = driver.take(event);
    same("what it comes to", &said, &expected)?;

    let may_change = match event {
        Event::SignOut => true,
        Event::Answer(Answer { front, back, .. }) => {
            matches!((front, back, &said), (Front::Code, Back::Tokens(_), Said::Came(_)))
        }
        _ => false,
    };
    let is_changed = driver.session != before;
    if is_changed && !may_change {
        // Not a byte of it, but for the note of a no, which takes nothing from those before.
        let (was, is) = (parts(before.as_ref()), parts(driver.session.as_ref()));
        same("the session", &is.0, &was.0)?;
        if !matches!((event, &said), (Event::Answer(_), Said::Came(_))) || !is.1.starts_with(&was.1) {
            return Err(format!("refusals: there were {:?}, and are {:?}", was.1, is.1));
        }
    }
    // What the checks say depends on these only, and a status not on the time.
    if is_changed || may_change || now != driver.now {
        compare(driver, model)?;
    }
    if is_changed || may_change {
        statuses(driver, model)?;
    }
    Ok(match said {
        Said::Came(outcome) => format!("{} {}", outcome.kind, outcome.verdict),
        Said::Failed(code) => code,
        Said::Sent(_) => "sent".to_owned(),
        Said::Nothing => "nothing".to_owned(),
    })
}

/// A session's record without what was refused in it, and that.
fn parts(session: Option<&Session>) -> (String, Vec<&str>) {
    let (mut rest, mut refused) = (String::new(), Vec::new());
    for (index, group) in session.map_or("", Session::to_record).split('\x1d').enumerate() {
        rest.push_str(if index > 0 { "\x1d" } else { "" });
        for (index, member) in group.split('\x1e').enumerate() {
            if let Some(refusal) = member.strip_prefix("refused=") {
                refused.push(refusal);
            } else {
                rest.push_str(if index > 0 { "\x1e" } else { "" });
                rest.push_str(member);
            }
        }
    }
    (rest, refused)
}

/// Every scope's status for every target.
fn statuses(driver: &Driver<'_>, model: &Model) -> Checked {
    for (index, target) in driver.site.targets.iter().enumerate() {
        let grant = driver.grant(target);
        for (scope, name) in Set::ALL.each() {
            let status = driver.status(grant, target, name).as_str();
            let expected = model.status(index, scope);
            if status != expected {
                same(&format!("scopeStatus {name} of target {index}"), status, expected)?;
            }
        }
    }
    Ok(())
}

/// Every check of what is there, for every scope and target.
fn compare(driver: &Driver<'_>, model: &Model) -> Checked {
    let session = driver.session.as_ref();
    let user = session.map(|session| (session.id().to_owned(), session.subject()));
    let expected = model.session.as_ref();
    let expected = expected.map(|session| (format!("session-{}", session.number), session.user));
    same("the user", user, expected)?;
    let grants = model.session.as_ref().map_or(0, |session| session.grants.len());
    same("grants", session.map_or(0, |session| session.grants().count()), grants)?;

    for (index, target) in driver.site.targets.iter().enumerate() {
        let grant = driver.grant(target);
        let of = |what: &str| format!("{what} of target {index}");
        let is_held = |(_, name): &(Set, &str)| driver.covers(grant, name);
        let held = Set::ALL
            .each()
            .filter(is_held)
            .fold(Set(0), |set, (scope, _)| set.or(scope));
        same(&of("hasScope"), held, model.held(index))?;
        let missing = scope::only(ALL, &|name| held.and(Set::of(name)).is_empty());
        same(&of("missingScopes"), read(&missing), Set::ALL.without(held))?;
        let (Some(grant), Some(expected)) = (grant, model.grant(index)) else {
            same(&of("grant"), grant.is_some(), model.grant(index).is_some())?;
            continue;
        };
        same(&of("requested"), read(grant.requested()), expected.requested)?;
        same(&of("granted"), read(grant.granted()), expected.granted)?;
        same(&of("assumed"), read(grant.assumed()), expected.assumed)?;
        let denied = expected.requested.without(expected.granted);
        same(&of("denied"), read(&grant.denied()), denied)?;
        same(&of("expiry"), grant.expires_at(), expected.until)?;
        let token = format!("s3cr3t-{}", expected.token);
        same(&of("token"), grant.access_token(), &token)?;
    }
    Ok(())
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

fn run(site: &Site, number: u64, tally: &mut Tally) {
    let seed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let events = sequence(&mut Random(seed));
    if let Err(failure) = play(site, &events, tally) {
        let (events, difference) = shrunk(site, events, failure);
        panic!("seed {seed:#x}: {difference}\nafter {events:#?}");
    }
}

/// Two tests, for two processors: odd seeds and even ones.
fn half(first: u64) {
    let (site, mut tally) = (Site::new(), Tally::new());
    for number in (first..=RUNS).step_by(2) {
        run(&site, number, &mut tally);
    }
    // Agreement on nothing would prove nothing.
    let is_rare = |saying: &&&str| tally.get(**saying).is_none_or(|count| *count < 20);
    let rare: Vec<_> = SAYINGS.iter().filter(is_rare).collect();
    assert!(rare.is_empty(), "hardly ever: {rare:?} in {tally:#?}");
}

#[test]
fn the_core_agrees_with_a_simple_model() {
    half(1);
}

#[test]
fn the_core_agrees_with_a_simple_model_again() {
    half(2);
}
