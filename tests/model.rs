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
#[path = "model/pair.rs"]
mod pair;
#[path = "common/random.rs"]
#[allow(dead_code, reason = "each test binary uses a part of this")]
mod random;
#[path = "client/server/mod.rs"]
mod server;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use application::targets;
use events::{Event, sequence};
use pair::{Pair, Site};
use random::Random;
use scopewise::core::target::Target;
use scopewise::host::StorageKind;

const RUNS: u64 = 10_000;

/// How often each thing was said.
type Tally = BTreeMap<String, usize>;

/// Plays the events: the number of the one after which client and model differ, and how.
fn play(site: &Site, events: &[Event], tally: &mut Tally) -> Result<(), (usize, String)> {
    let mut pair = Pair::new(site);
    let browser = pair.browser();
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
        is_bound: number.is_multiple_of(3),
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
