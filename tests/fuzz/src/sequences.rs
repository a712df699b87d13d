//! Sequences of requests and answers, in one tab or several: the real client and a simple model say the same after each.

use std::rc::Rc;

use scopewise::core::target::Target;
use scopewise::host::StorageKind;

use crate::application::targets;
use crate::events::{Choices, sequence};
use crate::pair::{Pair, Site};

/// The bytes make the choices; when they are at an end, the first possibility is taken.
struct Bytes<'a>(&'a [u8]);

impl Choices for Bytes<'_> {
    fn next(&mut self) -> u64 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        u64::from_ne_bytes([*first; 8])
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::from(self.next() as u8) % bound
    }
}

pub(crate) fn target(data: &[u8]) {
    thread_local! {
        static TARGETS: Rc<Vec<Target>> = targets();
    }
    let mut choices = Bytes(data);
    let (kind, tabs) = match choices.below(4) {
        0 => (StorageKind::Session, 1),
        1 => (StorageKind::IndexedDb, 1),
        _ => (StorageKind::Local, 1 + choices.below(4)),
    };
    let seed = choices.next();
    let targets = TARGETS.with(Rc::clone);
    let site = Site {
        targets,
        kind,
        tabs,
        is_bound: seed.is_multiple_of(4),
        seed,
    };
    let events = sequence(&mut choices);
    let mut pair = Pair::new(&site);
    for (index, event) in events.iter().enumerate() {
        if let Err(difference) = pair.step(event) {
            panic!("{kind:?} in {tabs} tabs, event {index}: {difference}\nof {events:#?}");
        }
    }
    let browser = pair.browser();
    drop(pair);
    browser.close();
}
