//! What stands in storage: records of sessions, of transactions and of sign-outs.

use scopewise::core::authorize::Transaction;
use scopewise::core::session::StoredSession;
use scopewise::core::sign_out_note::SignOutNote;
use scopewise::core::target::Target;
use scopewise::core::value::Value;

use crate::common::{NOW, parse_json, set, stringify};
use crate::input::{Input, check_secrets, secrets};

const SECRETS: [&str; 6] = [
    "access_token",
    "refresh_token",
    "id_token",
    "token",
    "nonce",
    "code_verifier",
];

pub(crate) fn target(data: &[u8]) {
    let input = Input::new(data);
    let Some(value) = input.json() else { return };
    let secrets = secrets(&value, &SECRETS);
    let again = |value: &Value| parse_json(&stringify(value)).unwrap();
    if let StoredSession::Sound(session) = StoredSession::from_value(Some(&value)) {
        // It is what it was when it is stored and read again, and the checks of it fit together.
        let record = again(&session.to_value());
        assert_eq!(
            StoredSession::from_value(Some(&record)),
            StoredSession::Sound(session.clone())
        );
        let (wanted, nobody) = (set("openid read"), Target::default());
        let missing = scopewise::core::session::Session::missing(Some(&session), &wanted, &nobody, NOW);
        assert_eq!(session.has(&wanted, &nobody, NOW), missing.is_empty());
        for grant in session.grants() {
            assert!(grant.granted().contains_all(&grant.granted().minus(&grant.denied())));
            assert!(
                grant
                    .denied()
                    .iter()
                    .all(|scope| grant.requested().contains(scope) && !grant.granted().contains(scope))
            );
            assert!(!grant.is_fresh(NOW, 60) || grant.is_fresh(NOW, 0), "{grant:?}");
        }
        check_secrets(&format!("{session:?}"), secrets.iter().copied());
        assert!(
            stringify(&record).len() <= 8 * input.text().len() + 1000,
            "{}",
            stringify(&record)
        );
    }
    if let Some(transaction) = Transaction::from_value(&value) {
        assert_eq!(
            Transaction::from_value(&again(&transaction.to_value())),
            Some(transaction.clone())
        );
        check_secrets(&format!("{transaction:?}"), secrets);
    }
    if let Some(note) = SignOutNote::parse(&value) {
        assert_eq!(SignOutNote::parse(&again(&note.to_value())), Some(note));
        assert!(SignOutNote::after(Some(note), NOW) > note);
    }
}
