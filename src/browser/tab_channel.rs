//! What other tabs, and the browser, tell.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Math;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, EventTarget, MessageEvent, PageTransitionEvent, Window};

use super::Browser;
use super::events::Listener;
use super::object::get;
use super::timer::Timer;
use crate::host::{TabChannel, TabEvent, Tabs};

/// Many tabs resume at once. Each waits a random time up to this, so that they do not ask together, milliseconds.
const RESUME_JITTER: f64 = 1000.0;

impl Tabs for Browser {
    fn join(&self, name: &str, listener: Rc<dyn Fn(TabEvent)>) -> Box<dyn TabChannel> {
        let channel = BroadcastChannel::new(name).ok();
        let resuming = Rc::new(RefCell::new(None));
        let mut listeners = Vec::new();
        if let Some(channel) = &channel {
            listeners.push(on_message(channel, &listener));
        }
        if let Some(window) = web_sys::window() {
            listeners.extend(on_change(&window, name, &listener));
            listeners.extend(on_resume(&window, &resuming, &listener));
        }
        Box::new(Channel {
            channel,
            listeners,
            resuming,
        })
    }
}

struct Channel {
    channel: Option<BroadcastChannel>,
    listeners: Vec<Listener>,
    resuming: Rc<RefCell<Option<Timer>>>,
}

impl TabChannel for Channel {
    fn broadcast(&self, event: TabEvent) {
        if let Some(channel) = &self.channel {
            // It throws where the channel was closed, as it is while the page unloads.
            let _ = channel.post_message(&JsValue::from_str(text(event)));
        }
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.listeners.clear();
        self.resuming.take();
        if let Some(channel) = &self.channel {
            channel.close();
        }
    }
}

fn text(event: TabEvent) -> &'static str {
    match event {
        TabEvent::SessionChanged => "session_changed",
        TabEvent::SignedOut => "signed_out",
        TabEvent::SignedOutLocally => "signed_out_locally",
        TabEvent::Resumed => "resumed",
    }
}

fn on_message(channel: &BroadcastChannel, listener: &Rc<dyn Fn(TabEvent)>) -> Listener {
    let listener = Rc::clone(listener);
    Listener::new(channel, "message", move |event| {
        let told = event.unchecked_ref::<MessageEvent>().data().as_string();
        let known = [
            TabEvent::SessionChanged,
            TabEvent::SignedOut,
            TabEvent::SignedOutLocally,
            TabEvent::Resumed,
        ];
        if let Some(event) = known.into_iter().find(|event| told.as_deref() == Some(text(*event))) {
            listener(event);
        }
    })
}

/// Another tab wrote the record or cleared the storage, or the page was away and is shown again as it was.
fn on_change(window: &Window, name: &str, listener: &Rc<dyn Fn(TabEvent)>) -> [Listener; 2] {
    let name = name.to_owned();
    let on_storage = Rc::clone(listener);
    let on_show = Rc::clone(listener);
    [
        Listener::new(window, "storage", move |event| {
            // Applications dispatch such events themselves, without a key or with one of another type.
            let key = get(&event, "key");
            if key.is_null() || key.is_undefined() || key == name.as_str() {
                on_storage(TabEvent::SessionChanged);
            }
        }),
        Listener::new(window, "pageshow", move |event| {
            if event.unchecked_ref::<PageTransitionEvent>().persisted() {
                on_show(TabEvent::SessionChanged);
            }
        }),
    ]
}

/// The page can be seen again, or the device is online again.
fn on_resume(window: &Window, resuming: &Rc<RefCell<Option<Timer>>>, listener: &Rc<dyn Fn(TabEvent)>) -> Vec<Listener> {
    let resume = {
        let (resuming, listener) = (Rc::clone(resuming), Rc::clone(listener));
        move || {
            let listener = Rc::clone(&listener);
            let timer = Timer::new(Math::random() * RESUME_JITTER, move || listener(TabEvent::Resumed));
            resuming.replace(Some(timer));
        }
    };
    let on_online = resume.clone();
    let mut listeners = vec![Listener::new(window, "online", move |_| on_online())];
    if let Some(document) = window.document() {
        let target: &EventTarget = &document;
        let seen = document.clone();
        listeners.push(Listener::new(target, "visibilitychange", move |_| {
            if !seen.hidden() {
                resume();
            }
        }));
    }
    listeners
}
