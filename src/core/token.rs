//! Token requests and their response (RFC 6749 §4.1.3, §5.1, §6).

use super::error::{Code, Error, Result};
use super::form::{self, Form};
use super::grant::{Grant, Target};
use super::http::{Request, Response};
use super::metadata::Metadata;
use super::options::Options;
use super::scope;
use super::secret::{Secret, is_visible};
use super::transaction::Transaction;

/// A longer token is no token.
const MAX_TOKEN: usize = 64 * 1024;
/// More scopes than these are no answer to what a URL can ask for.
const MAX_SCOPE: usize = 16 * 1024;

/// More seconds are as good as these, which add up to numbers that can be stored and read again.
const MAX_LIFETIME: i64 = u32::MAX as i64;

/// Types that the members must have, the optional ones with `-`. An error that is none by type is no success either.
const MEMBERS: [(&str, &str); 7] = [
    ("error", "-"),
    ("token_type", "s"),
    ("access_token", "s"),
    ("expires_in", "-ns"),
    ("scope", "-s"),
    ("refresh_token", "-s"),
    ("id_token", "-s"),
];

/// A success response, complete and of the right types. Nothing of it is trusted before the ID token is checked.
#[derive(Clone, Copy, PartialEq)]
pub struct TokenResponse<'a> {
    /// For the API.
    pub access_token: &'a str,
    /// Seconds from the answer; nothing where the server did not say.
    pub expires_in: Option<i64>,
    /// As the server put it; nothing where it is as requested (RFC 6749 §5.1).
    pub scope: Option<&'a str>,
    /// For new access tokens.
    pub refresh_token: Option<&'a str>,
    /// Who signed in.
    pub id_token: Option<&'a str>,
}

impl TokenResponse<'_> {
    /// True where an ID token must be there: `openid` was requested, and the answer does not say that it was denied.
    pub fn promises_id_token(&self, transaction: &Transaction) -> bool {
        let listed = self.scope.is_none_or(|scope| scope::contains(scope, "openid"));
        listed && scope::contains(transaction.requested(), "openid")
    }
}

/// Not the tokens.
impl std::fmt::Debug for TokenResponse<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// The request that trades a code for tokens (RFC 6749 §4.1.3, RFC 7636 §4.5, RFC 8707 §2.2).
pub fn request(metadata: &Metadata, client_id: &str, transaction: &Transaction, code: &Secret) -> Request {
    let mut form = Form::default();
    form.put("grant_type", "authorization_code");
    form.put("client_id", client_id);
    form.put("code", code.secret());
    form.put("redirect_uri", transaction.redirect_uri());
    form.put("code_verifier", transaction.verifier());
    put_resources(&mut form, &transaction.target());
    Request::post(metadata.token_endpoint(), form)
}

/// The request for another access token (RFC 6749 §6). Without a scope it is for the whole grant; it never asks for more.
pub fn refresh(metadata: &Metadata, client: &Options, grant: Grant<'_>) -> Request {
    let mut form = Form::default();
    form.put("grant_type", "refresh_token");
    form.put("client_id", client.client_id());
    form.some("refresh_token", grant.refresh_token());
    if client.profile().refreshes_with_scope() {
        form.put("scope", &scope::only(grant.requested(), &|scope| grant.covers(scope)));
    }
    put_resources(&mut form, &grant.target());
    Request::post(metadata.token_endpoint(), form)
}

/// RFC 8707 §2.2.
fn put_resources(form: &mut Form, target: &Target) {
    for pair in form::pairs(target.as_str()) {
        if pair.starts_with("resource=") {
            form.append(pair);
        }
    }
}

/// The request that revokes a token (RFC 7009 §2.1), where the server can.
pub fn revocation(metadata: &Metadata, client_id: &str, token: &Secret) -> Option<Request> {
    let mut form = Form::default();
    form.put("client_id", client_id);
    form.put("token", token.secret());
    Some(Request::post(metadata.revocation_endpoint()?, form))
}

/// The same for what an answer brings that comes too late.
pub fn give_up(metadata: &Metadata, client_id: &str, late: &Response) -> Option<Request> {
    let answer = response(late).ok()?;
    let token = Secret::new(answer.refresh_token.unwrap_or(answer.access_token));
    revocation(metadata, client_id, &token)
}

/// Reads the answer.
pub fn response(response: &Response) -> Result<TokenResponse<'_>> {
    if let Some(error) = response.error() {
        return Err(error.retryable(false));
    }
    let body = response
        .json
        .as_ref()
        .ok_or_else(|| wrong("content-type: application/json"))?;
    for (name, kinds) in MEMBERS {
        let text = body.text(name);
        // An ID token has rules of its own, with reasons of their own.
        let is_token = is_visible(text) && text.len() <= MAX_TOKEN || name == "id_token" && !text.is_empty();
        let is_sound = !name.ends_with("_token") || body.is(name, "-") || is_token;
        if !body.is(name, kinds) || !is_sound {
            return Err(wrong(name));
        }
    }
    if !body.text("token_type").eq_ignore_ascii_case("bearer") {
        return Err(Error::new(Code::TokenTypeUnsupported));
    }
    let scope = body.string("scope");
    if scope.is_some_and(|scope| scope.len() > MAX_SCOPE) {
        return Err(wrong("scope"));
    }
    // Digits in a string are the one leniency, since some servers send them so.
    let expires_in = body.number("expires_in").map(|seconds| seconds.min(MAX_LIFETIME));
    if expires_in.map_or(!body.is("expires_in", "-"), |seconds| seconds < 0) {
        return Err(wrong("expires_in"));
    }
    Ok(TokenResponse {
        access_token: body.text("access_token"),
        expires_in,
        scope,
        refresh_token: body.string("refresh_token"),
        id_token: body.string("id_token"),
    })
}

fn wrong(name: &str) -> Error {
    Error::about(Code::TokenResponseInvalid, name)
}
