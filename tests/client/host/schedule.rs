//! An order of steps that is not random: whoever goes on goes on for as long as it can, but where the schedule says so.

use std::cell::{Cell, RefCell};

/// Where somebody else goes on: the number of the step, and which of the others, in the order in which they began.
pub(crate) type Preemption = (usize, usize);

/// Who goes on when.
#[derive(Default)]
pub(crate) struct Schedule {
    preemptions: Vec<Preemption>,
    /// How many could go on at each step so far.
    choices: RefCell<Vec<usize>>,
    last: Cell<usize>,
}

impl Schedule {
    pub(crate) fn new(preemptions: &[Preemption]) -> Schedule {
        Schedule {
            preemptions: preemptions.to_vec(),
            ..Schedule::default()
        }
    }

    /// How many could go on at each step.
    pub(crate) fn choices(&self) -> Vec<usize> {
        self.choices.borrow().clone()
    }

    /// The next step is this task's: its place among those that can go on, which are named by their numbers.
    pub(super) fn choose(&self, ready: &[usize]) -> usize {
        let mut choices = self.choices.borrow_mut();
        let step = choices.len();
        choices.push(ready.len());
        let mut places: Vec<usize> = (0..ready.len()).collect();
        places.sort_by_key(|place| ready[*place] != self.last.get());
        let wanted = self.preemptions.iter().find(|(at, _)| *at == step);
        let chosen = places[wanted.map_or(0, |(_, option)| *option)];
        self.last.set(ready[chosen]);
        chosen
    }
}
