//! Not random, but all of it: every operation with every fault of its surroundings, every death of its page, and every
//! order of two of them.

mod deaths;
mod faults;
mod invariants;
mod operations;
mod schedules;
