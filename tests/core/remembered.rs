//! Scopes that are remembered beyond a session: whose they are, how long, and what takes them out.

use scopewise::core::session::{REMEMBERED_FOR, RememberedScopes};
use scopewise::core::target::Target;
use scopewise::core::token::Claims;
use scopewise::core::value::Value;
use serde_json::{Value as Json, json};

use crate::common::{NOW, set, target};

fn user(subject: &str, more: Json) -> Claims {
    let mut claims = json!({ "sub": subject });
    for (name, value) in more.as_object().unwrap() {
        claims[name] = value.clone();
    }
    Claims::new(serde_json::from_value(claims).unwrap()).unwrap()
}

fn read(record: &Json, now: i64) -> Option<RememberedScopes> {
    let value: Value = serde_json::from_value(record.clone()).unwrap();
    RememberedScopes::from_value(Some(&value), now)
}

fn stored(remembered: &RememberedScopes) -> Json {
    serde_json::to_value(remembered.to_value()).unwrap()
}

/// Ada allowed two scopes, one of them for another audience; Ben allowed one.
fn of_two_users() -> RememberedScopes {
    let mut remembered = RememberedScopes::default();
    let ada = user(
        "ada",
        json!({ "email": "ada@example.com", "preferred_username": "countess" }),
    );
    remembered.remember(&ada, &Target::default(), &set("write"), NOW);
    remembered.remember(&ada, &target(Some("files"), &[]), &set("upload"), NOW);
    remembered.remember(&user("ben", json!({})), &Target::default(), &set("admin"), NOW);
    remembered
}

#[test]
fn users_and_targets_are_kept_apart() {
    let remembered = of_two_users();
    let files = target(Some("files"), &[]);
    assert_eq!(remembered.scopes("ada", &Target::default()), set("write"));
    assert_eq!(remembered.scopes("ada", &files), set("upload"));
    assert_eq!(remembered.scopes("ben", &Target::default()), set("admin"));
    assert!(remembered.scopes("ben", &files).is_empty() && remembered.scopes("eve", &Target::default()).is_empty());
    assert_eq!(remembered.targets("ada"), [Target::default(), files]);
    assert!(remembered.targets("eve").is_empty());
}

#[test]
fn the_record_comes_back_as_it_was_and_has_neither_name_nor_address() {
    let remembered = of_two_users();
    let record = stored(&remembered);
    assert_eq!(read(&record, NOW), Some(remembered));
    let text = record.to_string();
    assert!(!text.contains("example.com") && !text.contains("countess"));
    let mut last = record["grants"][2].clone();
    assert_eq!(last["at"].take().as_f64(), Some(NOW as f64));
    let target = json!({ "audience": null, "resource": [] });
    let expected = json!({ "sub": "ben", "hints": [], "target": target, "scopes": ["admin"], "at": null });
    assert_eq!(last, expected);
}

#[test]
fn what_cannot_be_understood_is_empty_and_a_later_version_is_left_alone() {
    let sound = stored(&of_two_users());
    let mut unsound = vec![
        json!(7),
        json!({}),
        json!({ "v": 1 }),
        json!({ "v": 1, "grants": [{}] }),
        json!({ "v": 0 }),
    ];
    for name in ["sub", "hints", "target", "scopes", "at"] {
        let mut record = sound.clone();
        record["grants"][0][name] = json!(true);
        unsound.push(record);
    }
    for record in unsound {
        assert_eq!(read(&record, NOW), Some(RememberedScopes::default()), "{record}");
    }
    assert_eq!(
        RememberedScopes::from_value(None, NOW),
        Some(RememberedScopes::default())
    );
    assert_eq!(read(&json!({ "v": 2 }), NOW), None);
}

#[test]
fn a_grant_is_remembered_for_90_days_from_when_it_was_made() {
    assert_eq!(REMEMBERED_FOR, 90 * 86_400);
    let mut remembered = of_two_users();
    remembered.remember(&user("ben", json!({})), &Target::default(), &set("late"), NOW + 10);
    let record = stored(&remembered);
    let scopes = |now| read(&record, now).unwrap().scopes("ben", &Target::default());
    assert_eq!(scopes(NOW + REMEMBERED_FOR - 1), set("admin late"));
    assert_eq!(scopes(NOW + REMEMBERED_FOR), set("late"));
    assert!(scopes(NOW + REMEMBERED_FOR + 10).is_empty());
    // A grant in a future that far away was noted by a clock that was wrong.
    assert!(scopes(NOW - REMEMBERED_FOR).is_empty());
}

#[test]
fn a_grant_that_is_made_again_counts_from_then() {
    let mut remembered = of_two_users();
    remembered.remember(&user("ben", json!({})), &Target::default(), &set("admin"), NOW + 10);
    let record = stored(&remembered);
    assert_eq!(record["grants"].as_array().unwrap().len(), 3);
    let later = read(&record, NOW + REMEMBERED_FOR).unwrap();
    assert_eq!(later.scopes("ben", &Target::default()), set("admin"));
}

#[test]
fn what_is_forgotten_is_one_users_for_one_target() {
    let mut remembered = of_two_users();
    remembered.forget("ada", &Target::default(), &set("write upload admin"));
    assert_eq!(remembered.targets("ada"), [target(Some("files"), &[])]);
    assert_eq!(remembered.scopes("ben", &Target::default()), set("admin"));
    remembered.forget_user(Some("ada"));
    assert!(remembered.targets("ada").is_empty() && !remembered.is_empty());
    remembered.forget_user(None);
    assert!(remembered.is_empty());
}

#[test]
fn a_hint_names_one_user_or_nobody() {
    let mut remembered = of_two_users();
    for hint in ["ada", "ada@example.com", "countess"] {
        assert_eq!(remembered.subject_of(hint), Some("ada"), "{hint}");
    }
    assert_eq!(remembered.subject_of("ben"), Some("ben"));
    for hint in ["", "Ada", "eve", "ada@example.org"] {
        assert_eq!(remembered.subject_of(hint), None, "{hint}");
    }
    // Two users with one address: it may be either.
    let eve = user("eve", json!({ "email": "ada@example.com" }));
    remembered.remember(&eve, &Target::default(), &set("other"), NOW);
    assert_eq!(remembered.subject_of("ada@example.com"), None);
}

#[test]
fn the_record_does_not_grow_for_ever() {
    let mut remembered = RememberedScopes::default();
    for number in 0..200 {
        let user = user(&format!("user-{number}"), json!({}));
        remembered.remember(&user, &Target::default(), &set("write"), NOW + number);
    }
    assert_eq!(stored(&remembered)["grants"].as_array().unwrap().len(), 64);
    assert!(remembered.targets("user-135").is_empty());
    assert_eq!(remembered.targets("user-199").len(), 1);
    // Nothing that was granted leaves nothing.
    let before = remembered.clone();
    remembered.remember(&user("eve", json!({})), &Target::default(), &set(""), NOW);
    assert_eq!(remembered, before);
}
