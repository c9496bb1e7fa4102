//! What a copy needs of a table: its rows in the order of a key, some at a time.

use diesel::QueryResult;
use sha2::Sha256;

use crate::connection::AnyConnection;

/// How many rows are handled at a time, at most.
pub(super) const ROWS_AT_ONCE: i64 = 500;

/// How many bytes of text and such are handled at a time, where a single row has not more of them.
const BYTES_AT_ONCE: i64 = 4 << 20;

/// What a table is ordered by, which no two of its rows have in common. Both databases order it the same way.
pub(super) trait Key: Clone + Ord + 'static {
    /// Whether Postgres makes the next one itself, in a column of the name `key`.
    #[cfg(feature = "postgres")]
    const COUNTS_ON: bool;

    /// A key before every other one.
    fn start() -> Self;
}

impl Key for i64 {
    #[cfg(feature = "postgres")]
    const COUNTS_ON: bool = true;

    fn start() -> Self {
        Self::MIN
    }
}

impl Key for String {
    #[cfg(feature = "postgres")]
    const COUNTS_ON: bool = false;

    fn start() -> Self {
        Self::new()
    }
}

/// A row as it is in its table, every column of it.
pub(super) trait Row: PartialEq + Sized + 'static {
    /// The table's name.
    const TABLE: &'static str;
    /// The columns, each with whether what it holds may be long.
    const COLUMNS: &'static [(&'static str, bool)];
    /// What the table is ordered by.
    type Key: Key;

    fn key(&self) -> Self::Key;

    /// What an operator finds the row by.
    fn name(&self) -> String;

    /// Takes the row into a checksum.
    fn feed(&self, digest: &mut Sha256);

    fn count(connection: &mut AnyConnection) -> QueryResult<i64>;

    /// The largest key.
    fn last(connection: &mut AnyConnection) -> QueryResult<Option<Self::Key>>;

    /// The row of this key.
    fn find(connection: &mut AnyConnection, key: &Self::Key) -> QueryResult<Option<Self>>;

    /// The keys of the rows behind this one, and how many bytes of text and such each has.
    fn sizes(
        connection: &mut AnyConnection,
        after: &Self::Key,
        limit: i64,
    ) -> QueryResult<Vec<(Self::Key, i64)>>;

    /// The rows behind the first key, up to the second one.
    fn load(connection: &mut AnyConnection, after: &Self::Key, up_to: &Self::Key) -> QueryResult<Vec<Self>>;

    fn insert(connection: &mut AnyConnection, rows: &[Self]) -> QueryResult<()>;
}

/// The next rows behind this key, as many as may be in memory at once; none where there are no more.
///
/// Their sizes are asked for first: both databases know the length of a long value without reading it.
pub(super) fn next_rows<R: Row>(connection: &mut AnyConnection, after: &R::Key) -> QueryResult<Vec<R>> {
    let (mut up_to, mut bytes) = (None, 0_i64);
    for (key, size) in R::sizes(connection, after, ROWS_AT_ONCE)? {
        bytes = bytes.saturating_add(size);
        if up_to.is_some() && bytes > BYTES_AT_ONCE {
            break;
        }
        up_to = Some(key);
    }
    up_to.map_or_else(|| Ok(Vec::new()), |up_to| R::load(connection, after, &up_to))
}

/// The bytes of what is long in a row, as both databases count them.
pub(super) fn size_expression<R: Row>() -> String {
    let long = R::COLUMNS.iter().filter(|(_, is_long)| *is_long);
    let sizes = long.map(|(name, _)| format!("CAST(coalesce(octet_length(\"{name}\"), 0) AS BIGINT)"));
    sizes.collect::<Vec<_>>().join(" + ")
}

/// Defines a row and what a copy does with it, with each column named once.
macro_rules! row {
    (
        $(#[$about:meta])*
        $row:ident in $table:ident by $key:ident: $key_type:ty, known by $name:ident {
            $($column:ident: $type:ty,)+
        }
    ) => {
        $(#[$about])*
        #[derive(PartialEq, Queryable, Selectable, Insertable)]
        // A NULL is a NULL, and not whatever the column's default is.
        #[diesel(table_name = $table, treat_none_as_default_value = false)]
        pub(super) struct $row {
            $($column: $type,)+
        }

        impl Row for $row {
            const TABLE: &'static str = stringify!($table);
            const COLUMNS: &'static [(&'static str, bool)] =
                &[$((stringify!($column), <$type as Value>::IS_LONG),)+];
            type Key = $key_type;

            fn key(&self) -> $key_type {
                self.$key.clone()
            }

            fn name(&self) -> String {
                format!(concat!(stringify!($name), " {}"), self.$name)
            }

            fn feed(&self, digest: &mut Sha256) {
                $(self.$column.feed(digest);)+
            }

            fn count(connection: &mut AnyConnection) -> QueryResult<i64> {
                $table::table.count().get_result(connection)
            }

            fn last(connection: &mut AnyConnection) -> QueryResult<Option<$key_type>> {
                $table::table.select(max($table::$key)).first(connection)
            }

            fn find(connection: &mut AnyConnection, key: &$key_type) -> QueryResult<Option<Self>> {
                $table::table.find(key.clone()).select(Self::as_select()).first(connection).optional()
            }

            fn sizes(
                connection: &mut AnyConnection,
                after: &$key_type,
                limit: i64,
            ) -> QueryResult<Vec<($key_type, i64)>> {
                $table::table
                    .filter($table::$key.gt(after.clone()))
                    .order($table::$key)
                    .limit(limit)
                    .select(($table::$key, sql::<BigInt>(&size_expression::<Self>())))
                    .load(connection)
            }

            fn load(
                connection: &mut AnyConnection,
                after: &$key_type,
                up_to: &$key_type,
            ) -> QueryResult<Vec<Self>> {
                $table::table
                    .filter($table::$key.gt(after.clone()))
                    .filter($table::$key.le(up_to.clone()))
                    .order($table::$key)
                    .select(Self::as_select())
                    .load(connection)
            }

            fn insert(connection: &mut AnyConnection, rows: &[Self]) -> QueryResult<()> {
                match connection {
                    // A call of a function each; there is nothing to be saved by one long statement.
                    #[cfg(feature = "sqlite")]
                    AnyConnection::Sqlite(connection) => {
                        for row in rows {
                            diesel::insert_into($table::table).values(row).execute(connection)?;
                        }
                    }
                    #[cfg(feature = "postgres")]
                    AnyConnection::Postgres(connection) => {
                        let rows: Vec<&Self> = rows.iter().collect();
                        diesel::copy_from($table::table).from_insertable(rows).execute(connection)?;
                    }
                }
                Ok(())
            }
        }
    };
}
pub(super) use row;
