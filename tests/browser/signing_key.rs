//! Keys that sign: in IndexedDB for all pages, or in the memory of one.

use std::rc::Rc;

use scopewise::Browser;
use scopewise::core::error::{Error, Result};
use scopewise::host::{Crypto, SigningKey};
use wasm_bindgen_test::wasm_bindgen_test;

use super::page::{Changed, script, settled};

async fn key(name: &str, timeout: u32) -> Result<Option<Rc<dyn SigningKey>>> {
    Browser::new().signing_key(name, None, timeout).await
}

#[wasm_bindgen_test]
async fn c248_a_key_is_made_once_and_is_there_for_the_next_page() {
    let made = key("one", 5_000).await.unwrap().unwrap();
    assert!(made.is_kept());
    let wanted = made.public_key();
    let found = Browser::new().signing_key("one", Some(&wanted), 5_000).await;
    assert_eq!(found.unwrap().unwrap().public_key(), wanted);
    assert_ne!(key("other", 5_000).await.unwrap().unwrap().public_key(), wanted);
    assert!(
        Browser::new()
            .signing_key("none", Some(&wanted), 5_000)
            .await
            .unwrap()
            .is_none(),
        "what is wanted is not made"
    );
}

#[wasm_bindgen_test]
async fn a_signature_is_r_and_s_in_a_row_and_of_the_text() {
    let made = key("signs", 5_000).await.unwrap().unwrap();
    let (first, second) = (made.sign("text", 5_000).await, made.sign("other", 5_000).await);
    let (first, second) = (first.unwrap().unwrap(), second.unwrap().unwrap());
    assert_eq!((first.len(), second.len()), (64, 64));
    assert_ne!(first, second);
}

#[wasm_bindgen_test]
async fn what_is_no_key_pair_is_replaced() {
    // The database is there from now on, with what is in it, whichever test is first.
    key("first", 5_000).await.unwrap().unwrap();
    let put = script(
        "return new Promise((done, fail) => {
           const opening = indexedDB.open('scopewise');
           opening.onerror = opening.onblocked = fail;
           opening.onsuccess = () => {
             try {
               const writing = opening.result.transaction('scopewise', 'readwrite');
               writing.objectStore('scopewise').put({ privateKey: 'x' }, 'unsound');
               writing.oncomplete = () => { opening.result.close(); done('y') };
               writing.onabort = fail;
             } catch (error) {
               done(String(error));
             }
           };
         })",
    );
    assert_eq!(settled(put).await.as_deref(), Some("y"));
    let made = key("unsound", 5_000).await.unwrap().unwrap();
    let again = key("unsound", 5_000).await.unwrap().unwrap();
    assert!(made.is_kept() && made.public_key() == again.public_key());
}

#[wasm_bindgen_test]
async fn c200_without_a_database_there_is_a_key_in_memory_and_nobody_waits_for_ever() {
    const UNDO: &str = "IDBFactory.prototype.open = globalThis.openDatabase";
    let changed = |open_database: &str| {
        let code = format!(
            "globalThis.openDatabase = IDBFactory.prototype.open;
             IDBFactory.prototype.open = function () {{ {open_database} }}"
        );
        Changed::new(&code, UNDO)
    };
    {
        let _changed = changed("throw new DOMException('no', 'SecurityError')");
        let made = key("memory", 5_000).await.unwrap().unwrap();
        assert!(!made.is_kept());
        assert_eq!(
            key("memory", 5_000).await.unwrap().unwrap().public_key(),
            made.public_key()
        );
    }
    let _changed = changed("return {}");
    assert_eq!(key("hangs", 100).await.err(), Some(Error::Timeout(None)));
}
