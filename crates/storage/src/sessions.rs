//! Sessions.

use diesel::prelude::*;
use raconteur_domain::{Device, Page, PageRequest, Session, SessionId, SessionKind, Timestamp, UserId};

use crate::connection::AnyConnection;
use crate::rows::{count, id, time, uncount, unreadable};
use crate::schema::{sessions, users};
use crate::{ReadTx, StorageError, WriteTx};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = sessions, treat_none_as_null = true)]
struct SessionRow {
    id: String,
    owner_id: String,
    kind: String,
    rotation: i64,
    rotated_at: i64,
    created_at: i64,
    seen_at: i64,
    expires_at: i64,
    revoked_at: Option<i64>,
    user_agent: Option<String>,
    address: Option<String>,
}

impl From<&Session> for SessionRow {
    fn from(session: &Session) -> Self {
        Self {
            id: session.id.to_string(),
            owner_id: session.owner_id.to_string(),
            kind: session.kind.as_str().to_owned(),
            rotation: count(session.rotation),
            rotated_at: session.rotated_at.as_micros(),
            created_at: session.created_at.as_micros(),
            seen_at: session.seen_at.as_micros(),
            expires_at: session.expires_at.as_micros(),
            revoked_at: session.revoked_at.map(Timestamp::as_micros),
            user_agent: session.device.user_agent.clone(),
            address: session.device.address.map(|address| address.to_string()),
        }
    }
}

impl TryFrom<SessionRow> for Session {
    type Error = StorageError;

    fn try_from(row: SessionRow) -> Result<Self, StorageError> {
        let address = row.address.map(|text| text.parse().map_err(|_| unreadable("address", &text)));
        Ok(Self {
            id: id(&row.id)?,
            owner_id: id(&row.owner_id)?,
            kind: SessionKind::from_word(&row.kind).ok_or_else(|| unreadable("kind", &row.kind))?,
            rotation: uncount(row.rotation),
            rotated_at: time(row.rotated_at),
            created_at: time(row.created_at),
            seen_at: time(row.seen_at),
            expires_at: time(row.expires_at),
            revoked_at: row.revoked_at.map(time),
            device: Device { user_agent: row.user_agent, address: address.transpose()? },
        })
    }
}

/// A person's sessions that go on at this moment.
macro_rules! open {
    ($owner:expr, $now:expr) => {
        sessions::table
            .filter(sessions::owner_id.eq($owner.to_string()))
            .filter(sessions::revoked_at.is_null())
            .filter(sessions::expires_at.gt($now.as_micros()))
    };
}

impl ReadTx<'_> {
    /// The session of this id, revoked or not.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn session(&mut self, session: SessionId) -> Result<Option<Session>, StorageError> {
        let row: Option<SessionRow> = sessions::table
            .find(session.to_string())
            .select(SessionRow::as_select())
            .first(self.connection)
            .optional()?;
        row.map(Session::try_from).transpose()
    }

    /// A page of a person's sessions that go on at this moment, the one that was seen last first; `None` where there is
    /// no such page.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn sessions(
        &mut self,
        owner: UserId,
        now: Timestamp,
        page: PageRequest,
    ) -> Result<Option<Page<Session>>, StorageError> {
        let total: i64 = open!(owner, now).count().get_result(self.connection)?;
        let Some(span) = page.span(uncount(total)) else {
            return Ok(None);
        };
        let rows: Vec<SessionRow> = open!(owner, now)
            .order((sessions::seen_at.desc(), sessions::id.desc()))
            .offset(count(span.offset))
            .limit(i64::from(page.size))
            .select(SessionRow::as_select())
            .load(self.connection)?;
        let items = rows.into_iter().map(Session::try_from).collect::<Result<_, _>>()?;
        Ok(Some(Page { items, count: uncount(total), span }))
    }
}

impl WriteTx<'_> {
    /// Adds a session, unless there is one of its id.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn insert_session(&mut self, session: &Session) -> Result<(), StorageError> {
        let row = SessionRow::from(session);
        match &mut *self.connection {
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(connection) => diesel::insert_into(sessions::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute(connection)?,
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(connection) => diesel::insert_into(sessions::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute(connection)?,
        };
        Ok(())
    }

    /// As [`ReadTx::session`], to be changed: until the transaction ends nobody else changes it.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn session_to_change(&mut self, session: SessionId) -> Result<Option<Session>, StorageError> {
        match &mut *self.connection {
            // The one writer is alone.
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(_) => self.session(session),
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(connection) => {
                let row: Option<SessionRow> = sessions::table
                    .find(session.to_string())
                    .select(SessionRow::as_select())
                    .for_no_key_update()
                    .first(connection)
                    .optional()?;
                row.map(Session::try_from).transpose()
            }
        }
    }

    /// Writes what has become of a session that was read by [`WriteTx::session_to_change`].
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn change_session(&mut self, session: &Session) -> Result<(), StorageError> {
        diesel::update(sessions::table.find(session.id.to_string()))
            .set(SessionRow::from(session))
            .execute(self.connection)?;
        Ok(())
    }

    /// Revokes a person's session. `false` where it does not go on anyway, or is none of theirs.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn revoke_session(
        &mut self,
        owner: UserId,
        session: SessionId,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let revoked = diesel::update(sessions::table.find(session.to_string()))
            .filter(sessions::owner_id.eq(owner.to_string()))
            .filter(sessions::revoked_at.is_null())
            .filter(sessions::expires_at.gt(now.as_micros()))
            .set(sessions::revoked_at.eq(now.as_micros()))
            .execute(self.connection)?;
        Ok(revoked > 0)
    }

    /// Revokes all sessions of a person, or all but one, and with them the tokens from before there were sessions, which
    /// have none yet. Who is just signing in has either done so before, or does so by what holds from now on
    /// ([`WriteTx::held_credentials`]).
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn revoke_sessions(
        &mut self,
        owner: UserId,
        but: Option<SessionId>,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        // First, for whoever holds the person's row is waited for here, and has written their session then.
        diesel::update(users::table.find(owner.to_string()))
            .set(users::token_epoch.eq(users::token_epoch + 1))
            .execute(self.connection)?;
        let but = but.map(|session| session.to_string()).unwrap_or_default();
        diesel::update(sessions::table)
            .filter(sessions::owner_id.eq(owner.to_string()))
            .filter(sessions::revoked_at.is_null())
            .filter(sessions::id.ne(but))
            .set(sessions::revoked_at.eq(now.as_micros()))
            .execute(self.connection)?;
        Ok(())
    }

    /// Removes at most so many sessions that have expired, the oldest first. Whether there may be more of them.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub fn forget_sessions(&mut self, now: Timestamp, limit: u32) -> Result<bool, StorageError> {
        let some: Vec<String> = sessions::table
            .filter(sessions::expires_at.le(now.as_micros()))
            .order(sessions::expires_at)
            .limit(i64::from(limit))
            .select(sessions::id)
            .load(self.connection)?;
        if some.is_empty() {
            return Ok(false);
        }
        diesel::delete(sessions::table.filter(sessions::id.eq_any(some))).execute(self.connection)?;
        Ok(true)
    }
}
