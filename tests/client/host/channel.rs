//! Messages between pages, and what the browser tells of writes to localStorage.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use scopewise::host::{TabChannel, TabEvent};

use super::executor::turn;
use super::{Browser, FakePage};

/// A page that listens.
pub(crate) struct Member {
    id: usize,
    page: Rc<FakePage>,
    name: String,
    listener: Rc<dyn Fn(TabEvent)>,
    /// What was said and is not heard yet: in order.
    queue: RefCell<VecDeque<TabEvent>>,
}

/// A member's way to all others of its name.
pub(crate) struct FakeChannel {
    browser: Rc<Browser>,
    member: Rc<Member>,
}

impl TabChannel for FakeChannel {
    fn broadcast(&self, event: TabEvent) {
        if self.member.page.is_alive() {
            let is_other = |member: &Member| member.id != self.member.id && member.name == self.member.name;
            self.browser.deliver(event, &is_other);
        }
    }
}

impl Drop for FakeChannel {
    fn drop(&mut self) {
        let mut members = self.browser.members.borrow_mut();
        members.retain(|member| member.id != self.member.id);
    }
}

impl Browser {
    /// Adds a listener.
    pub(crate) fn join(self: &Rc<Self>, page: Rc<FakePage>, name: &str, listener: Rc<dyn Fn(TabEvent)>) -> FakeChannel {
        let member = Rc::new(Member {
            id: self.next_id(),
            page,
            name: name.to_owned(),
            listener,
            queue: RefCell::default(),
        });
        self.members.borrow_mut().push(member.clone());
        FakeChannel {
            browser: self.clone(),
            member,
        }
    }

    /// How many listen.
    pub(crate) fn listeners(&self) -> usize {
        self.members.borrow().len()
    }

    /// Tells a page that it can be seen again.
    pub(crate) fn resume(self: &Rc<Self>, page: &FakePage) {
        self.deliver(TabEvent::Resumed, &|member| member.page.id == page.id);
    }

    /// The back button brings the page back as it was left.
    pub(crate) fn show_again(self: &Rc<Self>, page: &FakePage) {
        self.deliver(TabEvent::SessionChanged, &|member| member.page.id == page.id);
    }

    fn deliver(self: &Rc<Self>, event: TabEvent, is_meant: &dyn Fn(&Member) -> bool) {
        let is_meant = |member: &&Rc<Member>| is_meant(member) && !member.page.is_away.get();
        for member in self.members.borrow().iter().filter(is_meant) {
            member.queue.borrow_mut().push_back(event);
            let (browser, member) = (self.clone(), member.clone());
            let page = member.page.clone();
            page.start(async move {
                turn().await;
                let event = member.queue.borrow_mut().pop_front();
                if let Some(event) = event.filter(|_| browser.is_member(&member)) {
                    (member.listener)(event);
                }
            });
        }
    }

    fn is_member(&self, member: &Member) -> bool {
        self.members.borrow().iter().any(|held| held.id == member.id)
    }

    /// Shows a write to localStorage to all other pages, one by one and later.
    pub(crate) fn tell_of_write(self: &Rc<Self>, writer: &FakePage, key: &str) {
        let pages = self.pages.borrow();
        for page in pages.iter().filter(|page| page.id != writer.id && page.is_alive()) {
            let (browser, reader, key) = (self.clone(), page.clone(), key.to_owned());
            page.start(async move {
                turn().await;
                if reader.local().refresh(&key) {
                    let is_meant = |member: &Member| member.page.id == reader.id && member.name == key;
                    browser.deliver(TabEvent::SessionChanged, &is_meant);
                }
            });
        }
    }

    /// Ends what a page listens to.
    pub(crate) fn silence(&self, page: &FakePage) {
        let mut gone = Vec::new();
        self.members.borrow_mut().retain(|member| {
            if member.page.id == page.id {
                gone.push(member.clone());
            }
            member.page.id != page.id
        });
        // A listener may own what looks at the members when it is dropped.
        drop(gone);
    }
}
