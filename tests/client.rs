//! The real client over a browser made for tests.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "client/answers.rs"]
mod answers;
#[path = "client/api_scopes.rs"]
mod api_scopes;
#[path = "client/app.rs"]
mod app;
#[path = "client/at_length.rs"]
mod at_length;
#[path = "client/authentications.rs"]
mod authentications;
#[path = "client/authorization_details.rs"]
mod authorization_details;
#[path = "client/bad_storage.rs"]
mod bad_storage;
#[path = "client/callback.rs"]
mod callback;
#[path = "client/callback_again.rs"]
mod callback_again;
#[path = "client/callback_urls.rs"]
mod callback_urls;
#[path = "client/circles.rs"]
mod circles;
#[path = "client/close.rs"]
mod close;
#[path = "client/described.rs"]
mod described;
#[path = "client/dpop.rs"]
mod dpop;
#[path = "client/everyday.rs"]
mod everyday;
#[path = "client/explain.rs"]
mod explain;
#[path = "client/exploration/mod.rs"]
mod exploration;
#[path = "client/fetch.rs"]
mod fetch;
#[path = "client/forgotten.rs"]
mod forgotten;
#[path = "client/guard.rs"]
mod guard;
#[path = "client/host/mod.rs"]
mod host;
#[path = "client/host_tests.rs"]
mod host_tests;
#[path = "client/kept_requests.rs"]
mod kept_requests;
#[path = "client/late_answers.rs"]
mod late_answers;
#[path = "client/many_tabs.rs"]
mod many_tabs;
#[path = "client/odd_answers.rs"]
mod odd_answers;
#[path = "client/openid/mod.rs"]
mod openid;
#[path = "client/other_apis.rs"]
mod other_apis;
#[path = "client/other_users.rs"]
mod other_users;
#[path = "client/proof_key.rs"]
mod proof_key;
#[path = "client/proof_nonce.rs"]
mod proof_nonce;
#[path = "client/providers/mod.rs"]
mod providers;
#[path = "client/pushed.rs"]
mod pushed;
#[path = "common/random.rs"]
#[allow(dead_code, reason = "each test binary uses a part of this")]
mod random;
#[path = "client/refusal.rs"]
mod refusal;
#[path = "client/remembered.rs"]
mod remembered;
#[path = "client/renewal.rs"]
mod renewal;
#[path = "client/repeated.rs"]
mod repeated;
#[path = "client/server/mod.rs"]
mod server;
#[path = "client/server_tests.rs"]
mod server_tests;
#[path = "client/several_servers.rs"]
mod several_servers;
#[path = "client/shared_upgrade.rs"]
mod shared_upgrade;
#[path = "client/sign_in.rs"]
mod sign_in;
#[path = "client/sign_out.rs"]
mod sign_out;
#[path = "client/sign_out_elsewhere.rs"]
mod sign_out_elsewhere;
#[path = "client/signature.rs"]
mod signature;
#[path = "client/signed_response.rs"]
mod signed_response;
#[path = "client/step_up.rs"]
mod step_up;
#[path = "client/story.rs"]
mod story;
#[path = "client/tabs.rs"]
mod tabs;
#[path = "client/together.rs"]
mod together;
#[path = "client/token.rs"]
mod token;
#[path = "client/upgrade.rs"]
mod upgrade;
#[path = "client/used_scopes.rs"]
mod used_scopes;
#[path = "client/user_info.rs"]
mod user_info;
#[path = "client/windows.rs"]
mod windows;
