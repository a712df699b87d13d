//! The stored form of a session: one JSON record, written at once.

use super::{DeniedScopes, Grant, Refresh, RefreshState, SentRefresh, Session, User};
use crate::core::reader::{Reader, Wrong};
use crate::core::secret::{AccessToken, RawIdToken, RefreshToken};
use crate::core::target::Target;
use crate::core::token::Claims;
use crate::core::value::Value;

/// Version of the stored record.
const VERSION: i64 = 2;

/// What stood in storage.
#[derive(Clone, Debug, PartialEq)]
pub enum StoredSession {
    /// A session.
    Sound(Session),
    /// A record of a later version, which is left alone.
    Newer,
    /// Nothing that can be understood: signed out, and the record goes.
    Unsound,
}

impl StoredSession {
    /// Reads a record; nothing stands for a text that is no JSON. Never half of one.
    pub fn from_value(value: Option<&Value>) -> StoredSession {
        let Some(mut reader) = value.and_then(Reader::new) else {
            return StoredSession::Unsound;
        };
        match reader.required::<i64>("v") {
            Ok(version) if version > VERSION => StoredSession::Newer,
            Ok(VERSION) => match Session::read(&mut reader) {
                Some(session) => StoredSession::Sound(session),
                None => StoredSession::Unsound,
            },
            _ => StoredSession::Unsound,
        }
    }
}

impl Session {
    /// The record to store.
    pub fn to_value(&self) -> Value {
        Value::object([
            ("v", VERSION.into()),
            ("id", self.id.as_str().into()),
            ("user", self.user.as_ref().map(User::to_value).into()),
            (
                "grants",
                self.grants.iter().map(Grant::to_value).collect::<Vec<_>>().into(),
            ),
            (
                "denied",
                self.denied
                    .iter()
                    .map(DeniedScopes::to_value)
                    .collect::<Vec<_>>()
                    .into(),
            ),
        ])
    }

    fn read(reader: &mut Reader<'_>) -> Option<Session> {
        let id: String = reader.required("id").ok()?;
        let user = match reader.value("user") {
            None | Some(Value::Null) => None,
            Some(user) => Some(User::from_value(user)?),
        };
        let session = Session {
            id,
            user,
            grants: all(reader.value("grants")?, Grant::from_value)?,
            denied: all(reader.value("denied")?, DeniedScopes::from_value)?,
        };
        (!session.id.is_empty()).then_some(session)
    }
}

impl User {
    fn to_value(&self) -> Value {
        Value::object([
            ("id_token", self.id_token.secret().into()),
            ("claims", self.claims.as_value().clone()),
        ])
    }

    fn from_value(value: &Value) -> Option<User> {
        let mut reader = Reader::new(value)?;
        let id_token: String = reader.required("id_token").ok()?;
        let claims = Claims::new(reader.value("claims")?.clone())?;
        (!id_token.is_empty()).then(|| User {
            id_token: RawIdToken::new(id_token),
            claims,
        })
    }
}

impl DeniedScopes {
    fn to_value(&self) -> Value {
        Value::object([
            ("target", self.target.to_value()),
            ("scopes", self.scopes.to_strings().into()),
        ])
    }

    fn from_value(value: &Value) -> Option<DeniedScopes> {
        let mut reader = Reader::new(value)?;
        Some(DeniedScopes {
            target: Target::from_value(reader.value("target")?)?,
            scopes: reader.required("scopes").ok()?,
        })
    }
}

impl Grant {
    fn to_value(&self) -> Value {
        Value::object([
            ("target", self.target.to_value()),
            ("requested", self.requested.to_strings().into()),
            ("granted", self.granted.to_strings().into()),
            ("assumed", self.assumed.to_strings().into()),
            ("implied", self.implied.to_strings().into()),
            ("access_token", self.access_token.secret().into()),
            ("answered_at", self.answered_at.into()),
            ("expires_at", self.expires_at.into()),
            ("refresh", self.refresh.as_ref().map(Refresh::to_value).into()),
        ])
    }

    fn from_value(value: &Value) -> Option<Grant> {
        let mut reader = Reader::new(value)?;
        let target = Target::from_value(reader.value("target")?)?;
        let refresh = match reader.value("refresh") {
            None | Some(Value::Null) => None,
            Some(refresh) => Some(Refresh::from_value(refresh)?),
        };
        Grant::read(&mut reader, target, refresh)
            .ok()
            .filter(|grant| !grant.access_token.secret().is_empty())
    }

    fn read(reader: &mut Reader<'_>, target: Target, refresh: Option<Refresh>) -> Result<Grant, Wrong> {
        Ok(Grant {
            target,
            requested: reader.required("requested")?,
            granted: reader.required("granted")?,
            assumed: reader.required("assumed")?,
            implied: reader.required("implied")?,
            access_token: AccessToken::new(reader.required::<String>("access_token")?),
            answered_at: reader.required("answered_at")?,
            expires_at: reader.nullable("expires_at")?,
            refresh,
        })
    }
}

impl Refresh {
    fn to_value(&self) -> Value {
        let sent = match self.state {
            RefreshState::Ready => None,
            RefreshState::Sent(sent) => Some(sent.to_value()),
        };
        Value::object([("token", self.token.secret().into()), ("sent", sent.into())])
    }

    fn from_value(value: &Value) -> Option<Refresh> {
        let mut reader = Reader::new(value)?;
        let token: String = reader.required("token").ok()?;
        let state = match reader.value("sent") {
            None | Some(Value::Null) => RefreshState::Ready,
            Some(sent) => RefreshState::Sent(SentRefresh::from_value(sent)?),
        };
        (!token.is_empty()).then(|| Refresh {
            token: RefreshToken::new(token),
            state,
        })
    }
}

impl SentRefresh {
    fn to_value(self) -> Value {
        Value::object([
            ("at", self.at.into()),
            ("is_retried", self.is_retried.into()),
            ("asked_silently_at", self.asked_silently_at.into()),
        ])
    }

    fn from_value(value: &Value) -> Option<SentRefresh> {
        let mut reader = Reader::new(value)?;
        Some(SentRefresh {
            at: reader.required("at").ok()?,
            is_retried: reader.required("is_retried").ok()?,
            asked_silently_at: reader.nullable("asked_silently_at").ok()?,
        })
    }
}

/// All items of an array, if each is sound.
fn all<T>(value: &Value, read: fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    match value {
        Value::Array(items) => items.iter().map(read).collect(),
        _ => None,
    }
}
