//! What other tabs and the browser tell.

use std::cell::RefCell;
use std::rc::Rc;

use super::page::{Changed, browser, pause, script, settled};
use scopewise::host::TabEvent::{Resumed, SessionChanged, SignedOut, SignedOutLocally};
use scopewise::host::{TabChannel, TabEvent, Tabs};
use wasm_bindgen_test::wasm_bindgen_test;

type Heard = Rc<RefCell<Vec<TabEvent>>>;

fn join(name: &str) -> (Box<dyn TabChannel>, Heard) {
    let heard = Heard::default();
    let listener = Rc::clone(&heard);
    let channel = browser().join(name, Rc::new(move |event| listener.borrow_mut().push(event)));
    (channel, heard)
}

#[wasm_bindgen_test]
async fn tabs_of_one_name_hear_each_other_and_not_themselves() {
    let (one, heard_by_one) = join("name");
    let (_two, heard_by_two) = join("name");
    let (_other, heard_by_other) = join("other name");
    one.broadcast(SessionChanged);
    one.broadcast(SignedOut);
    one.broadcast(SignedOutLocally);
    pause(100).await;
    assert_eq!(heard_by_one.take(), []);
    assert_eq!(heard_by_two.take(), [SessionChanged, SignedOut, SignedOutLocally]);
    assert_eq!(heard_by_other.take(), []);
}

#[wasm_bindgen_test]
async fn rubbish_is_not_heard() {
    let (_channel, heard) = join("rubbish");
    script(
        "const channel = new BroadcastChannel('rubbish');
         for (const message of [{ signedIn: true }, null, 7, 'x'.repeat(1e6), 'z', '', ['signed_out']]) channel.postMessage(message);
         setTimeout(() => channel.close(), 50)",
    );
    pause(100).await;
    assert_eq!(heard.take(), []);
}

#[wasm_bindgen_test]
fn changes_of_the_record_and_of_the_whole_storage_are_told() {
    let (_channel, heard) = join("record");
    script("dispatchEvent(new StorageEvent('storage', { key: 'record' }))");
    assert_eq!(heard.take(), [SessionChanged]);
    script("dispatchEvent(new StorageEvent('storage', { key: null }))");
    assert_eq!(heard.take(), [SessionChanged]);
    script("dispatchEvent(new StorageEvent('storage', { key: 'another' }))");
    assert_eq!(heard.take(), []);
    script("dispatchEvent(new Event('storage'))");
    assert_eq!(heard.take(), [SessionChanged], "one of an application's own");
    script(
        "dispatchEvent(Object.assign(new Event('storage'), { key: { toString() { throw new Error('no') } } }));
         dispatchEvent(Object.defineProperty(new Event('storage'), 'key', { get() { throw new Error('no') } }))",
    );
    heard.take();
}

#[wasm_bindgen_test]
fn a_page_that_was_kept_for_the_back_button_looks_again() {
    let (_channel, heard) = join("shown");
    script("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: false }))");
    assert_eq!(heard.take(), []);
    script("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");
    assert_eq!(heard.take(), [SessionChanged]);
}

#[wasm_bindgen_test]
async fn what_wakes_a_page_is_told_once_within_a_second() {
    let (_channel, heard) = join("awake");
    script("dispatchEvent(new Event('online')); document.dispatchEvent(new Event('visibilitychange'))");
    assert_eq!(heard.take(), [], "not all tabs at once");
    pause(1_200).await;
    assert_eq!(heard.take(), [Resumed]);
    let _hidden = Changed::new(
        "Object.defineProperty(document, 'hidden', { configurable: true, value: true })",
        "delete document.hidden",
    );
    script("document.dispatchEvent(new Event('visibilitychange'))");
    pause(1_200).await;
    assert_eq!(heard.take(), []);
}

#[wasm_bindgen_test]
async fn a_channel_that_is_dropped_hears_nothing_more() {
    let (channel, heard) = join("dropped");
    let (other, _) = join("dropped");
    script("dispatchEvent(new Event('online'))");
    other.broadcast(SignedOut);
    drop(channel);
    other.broadcast(SignedOut);
    script("dispatchEvent(new StorageEvent('storage', { key: 'dropped' })); dispatchEvent(new Event('online'))");
    pause(1_200).await;
    assert_eq!(heard.take(), []);
}

#[wasm_bindgen_test]
async fn a_listener_may_drop_its_own_channel() {
    let slot: Rc<RefCell<Option<Box<dyn TabChannel>>>> = Rc::default();
    let own = Rc::clone(&slot);
    let count = Rc::new(RefCell::new(0));
    let counted = Rc::clone(&count);
    let listener = move |_| {
        *counted.borrow_mut() += 1;
        drop(own.take());
    };
    slot.replace(Some(browser().join("own", Rc::new(listener))));
    script("for (let i = 0; i < 3; i++) dispatchEvent(new StorageEvent('storage', { key: 'own' }))");
    assert_eq!(count.take(), 1);
}

#[wasm_bindgen_test]
async fn without_channels_the_storage_tells() {
    let _changed = Changed::new(
        "globalThis.channels = BroadcastChannel; delete globalThis.BroadcastChannel",
        "globalThis.BroadcastChannel = globalThis.channels",
    );
    let (channel, heard) = join("none");
    channel.broadcast(SessionChanged);
    script("dispatchEvent(new StorageEvent('storage', { key: 'none' }))");
    assert_eq!(heard.take(), [SessionChanged]);
}

#[wasm_bindgen_test]
async fn a_channel_that_the_browser_closed_lets_nobody_fail() {
    let _changed = Changed::new(
        "globalThis.post = BroadcastChannel.prototype.postMessage;
         BroadcastChannel.prototype.postMessage = () => { throw new DOMException('closed', 'InvalidStateError') }",
        "BroadcastChannel.prototype.postMessage = globalThis.post",
    );
    let (channel, _) = join("closed");
    channel.broadcast(SessionChanged);
    assert_eq!(
        settled(script("return Promise.resolve('alive')")).await.as_deref(),
        Some("alive")
    );
}
